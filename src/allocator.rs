//! The program's allocator: mimalloc, which is told to give memory back to the system soon.
//!
//! Planning makes many small values: the system's allocator takes a sixth of a small report's time more. But a report is over in
//! seconds, and mimalloc keeps freed memory for one: with a tenth of that, reports of a gigabyte need a fifth less memory at their
//! peak and no more time (docs/performance.md).

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay` of mimalloc's `mimalloc.h`, in milliseconds.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
/// Zero would be least memory, and a tenth more time: what is given back must be zeroed anew.
const SOON: i64 = 100;

/// Gives back what is free for 100 ms; the environment variable `MIMALLOC_PURGE_DELAY` has precedence. To be called before there
/// are threads.
#[allow(unsafe_code)]
pub fn give_back_soon() {
    // SAFETY: the call writes one number of a static table, checks its index, and keeps no pointer; it is not thread safe, and
    // there are no other threads yet. (The project's only unsafe code; Miri does not run foreign code.)
    unsafe { libmimalloc_sys::mi_option_set_default(PURGE_DELAY, SOON) };
}

#[cfg(test)]
mod tests {
    #[test]
    #[allow(unsafe_code)]
    fn the_option_is_the_one_that_is_meant() {
        // SAFETY: reads one number of a static table.
        let delay = || unsafe { libmimalloc_sys::mi_option_get(super::PURGE_DELAY) };
        assert_eq!(delay(), 1000, "mimalloc's default; another number is another option");
        super::give_back_soon();
        assert_eq!(delay(), super::SOON);
    }
}
