//! Sixty-four bytes at a time, with AVX-512.

use pulp::x86::V4;
use pulp::{NullaryFnOnce, cast};
use std::arch::x86_64::{__m256i, __m512i};

use super::{BLOCK, Lanes, LineMasks, Stops, Work};

/// Sixty-four bytes at a time. Having one shows that the processor can.
#[derive(Clone, Copy, Debug)]
pub(super) struct SixtyFour(V4);

impl SixtyFour {
    /// None where the processor cannot, or is of the generations before VBMI2, which lower their clock for wide instructions.
    #[inline]
    pub(super) fn of_machine() -> Option<Self> {
        let has_vbmi2 = std::is_x86_feature_detected!("avx512vbmi2");
        has_vbmi2.then(V4::try_new).flatten().map(Self)
    }

    /// Does some work that is compiled for such a processor.
    #[inline]
    pub(super) fn run<W: Work>(self, work: W) -> W::Output {
        self.0.vectorize(WorkWith { work, lanes: self })
    }
}

struct WorkWith<W> {
    work: W,
    lanes: SixtyFour,
}

impl<W: Work> NullaryFnOnce for WorkWith<W> {
    type Output = W::Output;

    #[inline(always)]
    fn call(self) -> W::Output {
        self.work.run(self.lanes)
    }
}

impl Lanes for SixtyFour {
    #[inline(always)]
    fn stops(self, text: &[u8; BLOCK], quote: u8) -> Stops {
        let (f, bw) = (self.0.avx512f, self.0.avx512bw);
        let all = |byte: u8| f._mm512_set1_epi8(byte as i8);
        let bytes: __m512i = cast(*text);
        // What is no ASCII is negative.
        let low = bw._mm512_cmplt_epi8_mask(bytes, all(b' '));
        Stops {
            quotes: bw._mm512_cmpeq_epi8_mask(bytes, all(quote)),
            others: low | bw._mm512_cmpeq_epi8_mask(bytes, all(b'\\')),
        }
    }

    #[inline(always)]
    fn line_ends(self, block: &[u8; BLOCK]) -> LineMasks {
        let bytes: __m512i = cast(*block);
        let mask_of = |byte: u8| {
            let all = self.0.avx512f._mm512_set1_epi8(byte as i8);
            self.0.avx512bw._mm512_cmpeq_epi8_mask(bytes, all)
        };
        LineMasks {
            feeds: mask_of(b'\n'),
            returns: mask_of(b'\r'),
        }
    }

    #[inline(always)]
    fn are_same(self, left: &[u8; 32], right: &[u8; 32], bits: u32) -> bool {
        let (left, right): (__m256i, __m256i) = (cast(*left), cast(*right));
        self.0.avx512bw._mm256_cmpeq_epi8_mask(left, right) & bits == bits
    }
}
