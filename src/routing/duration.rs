//! Seconds, as people say them.

/// `45s`, `2m`, `1h 30m`, `24h`; days from two of them on.
pub fn duration(seconds: u32) -> String {
    const UNITS: [(u32, char); 4] = [(86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')];
    let mut left = seconds;
    let mut out = String::new();
    for (size, unit) in UNITS {
        // Everybody says 24 hours.
        if left < size || (unit == 'd' && left < 2 * size) {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&format!("{}{unit}", left / size));
        left %= size;
    }
    if out.is_empty() { "0s".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn seconds_are_said_in_the_largest_units_that_fit() {
        for (seconds, said) in [
            (0, "0s"),
            (59, "59s"),
            (120, "2m"),
            (150, "2m 30s"),
            (3_600, "1h"),
            (86_400, "24h"),
            (172_800, "2d"),
            (1_209_600, "14d"),
        ] {
            assert_eq!(duration(seconds), said);
        }
    }
}
