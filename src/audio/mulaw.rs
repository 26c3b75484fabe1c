//! G.711 mu-law: a byte is a sample of 14 bits, kept at 16 bits here.
//!
//! ITU-T G.711 (1988), table 2a; the arithmetic is the usual one with bias 33 on a 14-bit scale, written at 16 bits (bias 132).

/// The byte of digital silence (positive zero).
pub const SILENCE: u8 = 0xff;

const BIAS: i32 = 132;
/// Largest magnitude that does not clip, at 16 bits.
const CLIP: i32 = 32_635;

/// Linear value of each byte, 16 bits.
pub const TO_I16: [i16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = expand(byte as u8);
        byte += 1;
    }
    table
};

/// Linear value of each byte, -1.0..=1.0.
pub const TO_F32: [f32; 256] = {
    let mut table = [0.0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = TO_I16[byte] as f32 / 32_768.0;
        byte += 1;
    }
    table
};

const fn expand(byte: u8) -> i16 {
    let bits = !byte;
    let exponent = (bits >> 4) & 7;
    let mantissa = (bits & 15) as i32;
    let magnitude = (((mantissa << 3) + BIAS) << exponent) - BIAS;
    (if bits & 0x80 == 0 {
        magnitude
    } else {
        -magnitude
    }) as i16
}

/// One byte to 16 bits.
pub fn decode(byte: u8) -> i16 {
    TO_I16[usize::from(byte)]
}

/// 16 bits to one byte: the nearest of the 256 values, louder ones clipped.
pub const fn encode(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let mut magnitude = (sample as i32).abs();
    if magnitude > CLIP {
        magnitude = CLIP;
    }
    magnitude += BIAS;
    // The highest set bit of a biased magnitude is bit 7 to 14: the exponent counts from there.
    let exponent = 24 - magnitude.leading_zeros() as i32;
    let mantissa = (magnitude >> (exponent + 3)) & 15;
    !(sign | ((exponent as u8) << 4) | mantissa as u8)
}

/// Bytes to samples in -1.0..=1.0, as many as both sides have room for.
pub fn decode_into(bytes: &[u8], samples: &mut [f32]) {
    for (sample, byte) in samples.iter_mut().zip(bytes) {
        *sample = TO_F32[usize::from(*byte)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_recommendation_s_corner_values() {
        // Table 2a: code words and their 14-bit values, times four at 16 bits.
        for (byte, value) in [
            (0xff, 0),
            (0x7f, 0),
            (0x80, 32_124),
            (0x00, -32_124),
            (0xfe, 8),
            (0x7e, -8),
            (0x8f, 16_764),
            (0xf0, 120),
            (0xef, 132),
        ] {
            assert_eq!(decode(byte), value, "{byte:#x}");
        }
    }

    #[test]
    fn every_byte_survives_the_round_trip() {
        for byte in 0..=255u8 {
            // Negative zero becomes positive zero: the one pair of bytes with the same value.
            let expected = if byte == 0x7f { 0xff } else { byte };
            assert_eq!(encode(decode(byte)), expected, "{byte:#x}");
            assert!(TO_F32[usize::from(byte)].abs() < 1.0);
        }
    }

    proptest! {
        #[test]
        fn encoding_errs_by_at_most_half_a_step(sample in any::<i16>()) {
            let clipped = i32::from(sample).clamp(-CLIP, CLIP);
            let error = (clipped - i32::from(decode(encode(sample)))).abs();
            // The step of a segment is 1/16 of its biased size.
            prop_assert!(error <= (clipped.abs() + BIAS) / 16, "{sample}: {error}");
        }
    }
}
