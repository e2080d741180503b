//! Whether lines repeat: where nearly all are new, looking each up as it stands is time lost.

/// Lines after which it is judged.
const ASKED: u32 = 1024;
/// Of these, lines known at least for looking up to pay.
const KNOWN: u32 = 512;
/// Lines that are not looked up after that.
const LEFT_OUT: u32 = 16 * ASKED;

/// Of the lines of one worker, how many were known lately.
#[derive(Debug, Default)]
pub(super) struct Habit {
    asked: u32,
    known: u32,
    left_out: u32,
}

impl Habit {
    /// Whether the next line should be looked up.
    #[inline]
    pub(super) fn repeats(&self) -> bool {
        self.left_out == 0
    }

    /// A line was read; `known` if it was looked up and found.
    #[inline]
    pub(super) fn note(&mut self, known: bool) {
        if self.left_out > 0 {
            self.left_out -= 1;
            return;
        }
        self.asked += 1;
        self.known += u32::from(known);
        if self.asked == ASKED {
            self.left_out = if self.known < KNOWN { LEFT_OUT } else { 0 };
            (self.asked, self.known) = (0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_lines_are_looked_up_now_and_then() {
        let mut habit = Habit::default();
        let mut looked_up = |known: bool| {
            let asked = habit.repeats();
            habit.note(asked && known);
            u32::from(asked)
        };
        assert_eq!((0..100_000).map(|_| looked_up(true)).sum::<u32>(), 100_000);
        let new: u32 = (0..170_000).map(|_| looked_up(false)).sum();
        assert!((10_000..13_000).contains(&new), "{new}");
        // Lines that repeat are noticed.
        assert!((0..100_000).map(|_| looked_up(true)).sum::<u32>() > 80_000);
    }
}
