//! `slots`, `slot_count`, `first_slot`, `last_slot` and `window_slots`: coverage is counted in 10-minute slots, six an hour.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::logical_expr::ScalarUDF;

use super::column_function;

/// Seconds of a slot.
pub const SLOT: i64 = 600;
/// Bits used of the mask; a record that spans more (10 hours) speaks for no more.
const MAX_SLOTS: i64 = 60;

pub(super) fn functions() -> [ScalarUDF; 5] {
    [
        column_function("window_slots", &[const { DataType::Int64 }; 3], DataType::Int64, |args| {
            let [hours, since, until] = [0, 1, 2].map(|i| args[i].as_primitive::<Int64Type>());
            let masks = hours.iter().zip(since.iter().zip(until));
            let masks: Int64Array = masks.map(|(hour, (since, until))| Some(wanted(hour?, since, until))).collect();
            Ok(Arc::new(masks) as ArrayRef)
        }),
        column_function("slots", &[DataType::Int64, DataType::Int64], DataType::Int64, |args| {
            let (start, end) = (args[0].as_primitive::<Int64Type>(), args[1].as_primitive::<Int64Type>());
            let masks: Int64Array = start.iter().zip(end).map(|(s, e)| Some(slot_mask(s?, e.or(s)?))).collect();
            Ok(Arc::new(masks) as ArrayRef)
        }),
        column_function("slot_count", &[DataType::Int64], DataType::Int64, |args| {
            let masks = args[0].as_primitive::<Int64Type>();
            Ok(Arc::new(masks.unary::<_, Int64Type>(|m| i64::from(m.count_ones()))) as ArrayRef)
        }),
        column_function("first_slot", &[DataType::Int64], DataType::Int64, |args| {
            Ok(places(&args[0], i64::trailing_zeros))
        }),
        column_function("last_slot", &[DataType::Int64], DataType::Int64, |args| {
            Ok(places(&args[0], |mask| 63 - mask.leading_zeros()))
        }),
    ]
}

/// A bit's place in each mask; null in a mask without one.
fn places(masks: &ArrayRef, place: fn(i64) -> u32) -> ArrayRef {
    let masks = masks.as_primitive::<Int64Type>().iter();
    let places: Int64Array =
        masks.map(|mask| mask.filter(|mask| *mask != 0).map(|mask| i64::from(place(mask)))).collect();
    Arc::new(places)
}

/// Slots that `[start, end)` touches, bit 0 = the first slot of the hour of `start`. A record without length touches one.
#[inline]
pub fn slot_mask(start: i64, end: i64) -> i64 {
    let hour = start.div_euclid(3600) * 3600;
    let first = (start - hour) / SLOT;
    let last = ((end - 1).max(start) - hour) / SLOT;
    let last = last.min(MAX_SLOTS - 1);
    ((1 << (last - first + 1)) - 1) << first
}

/// The slots of an hour that lie in the window: those that must have records for the hour to be covered.
fn wanted(hour: i64, since: Option<i64>, until: Option<i64>) -> i64 {
    let inside = |slot: &i64| {
        let start = hour + slot * SLOT;
        since.is_none_or(|s| start + SLOT > s) && until.is_none_or(|u| start < u)
    };
    (0..6).filter(inside).fold(0, |mask, slot| mask | 1 << slot)
}

#[cfg(test)]
mod tests {
    use super::{slot_mask as mask, wanted};

    #[test]
    fn the_window_cuts_slots_off() {
        assert_eq!(wanted(7200, None, None), 0b11_1111);
        assert_eq!(wanted(7200, Some(7200 + 1300), None), 0b11_1100);
        assert_eq!(wanted(7200, None, Some(7200 + 600)), 0b1);
    }

    #[test]
    fn a_record_speaks_for_each_slot_it_touches() {
        let hour = 1_700_000_000 / 3600 * 3600;
        assert_eq!(mask(hour, hour + 600), 0b1);
        assert_eq!(mask(hour, hour + 601), 0b11);
        assert_eq!(mask(hour + 599, hour + 599), 0b1);
        assert_eq!(mask(hour + 3590, hour + 3660), 0b110_0000);
        assert_eq!(mask(hour, hour + 1_000_000).count_ones(), 60);
    }
}
