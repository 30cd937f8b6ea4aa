//! CRC-32C, the checksum of record batches.
//!
//! Natively it comes from the `crc32c` crate, which uses the processor's own instruction. The page has no such
//! instruction, and the crate's tables do not compress: there they are computed when they are first needed.

use std::sync::LazyLock;

/// Castagnoli's polynomial, its bits reversed.
const POLYNOMIAL: u32 = 0x82f6_3b78;

/// `TABLES[k][byte]`: what `byte` does to the checksum when `k` more bytes follow it.
static TABLES: LazyLock<Box<[[u32; 256]; 8]>> = LazyLock::new(|| {
    let mut tables = Box::new([[0u32; 256]; 8]);
    for byte in 0..256 {
        tables[0][byte] = (0..8).fold(byte as u32, |crc, _| if crc & 1 == 1 { (crc >> 1) ^ POLYNOMIAL } else { crc >> 1 });
    }
    for k in 1..8 {
        for byte in 0..256 {
            let before = tables[k - 1][byte];
            tables[k][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
        }
    }
    tables
});

/// The checksum of what `crc` is the checksum of, followed by `bytes`; 0 is that of nothing.
pub fn append(crc: u32, bytes: &[u8]) -> u32 {
    #[cfg(target_arch = "wasm32")]
    return append_by_table(crc, bytes);
    #[cfg(not(target_arch = "wasm32"))]
    return crc32c::crc32c_append(crc, bytes);
}

/// The same by tables, eight bytes at a time.
pub fn append_by_table(crc: u32, bytes: &[u8]) -> u32 {
    let tables = &**TABLES;
    let mut crc = !crc;
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        let low = crc ^ u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        crc = tables[7][(low & 0xff) as usize]
            ^ tables[6][(low >> 8 & 0xff) as usize]
            ^ tables[5][(low >> 16 & 0xff) as usize]
            ^ tables[4][(low >> 24) as usize]
            ^ tables[3][word[4] as usize]
            ^ tables[2][word[5] as usize]
            ^ tables[1][word[6] as usize]
            ^ tables[0][word[7] as usize];
    }
    for byte in words.remainder() {
        crc = (crc >> 8) ^ tables[0][((crc ^ u32::from(*byte)) & 0xff) as usize];
    }
    !crc
}
