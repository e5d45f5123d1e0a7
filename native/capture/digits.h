#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
#define HEAPSCOPE_FAST_DIGITS 1
#endif

namespace heapscope::capture {

#ifdef HEAPSCOPE_FAST_DIGITS

inline constexpr bool kFastDigits = true;
inline constexpr size_t kDigitBlock = 64;

// Of the block of bytes at `text` those that are no digits, a bit each, the first the lowest.
inline uint64_t NonDigits(const char* text) {
  uint64_t digits = 0;
  for (int i = 0; i < 4; ++i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text) + i);
    const __m128i values = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
    const __m128i small = _mm_cmpeq_epi8(_mm_min_epu8(values, _mm_set1_epi8(9)), values);
    digits |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(small))) << (16 * i);
  }
  return ~digits;
}

// The value of one to eight digits; eight bytes are read. The digits are moved to the end of the
// word, so that zeros stand before them, and added up in pairs, fours and eights.
inline uint64_t EightDigits(const char* digits, unsigned length) {
  uint64_t word;
  std::memcpy(&word, digits, sizeof(word));
  word <<= 64 - 8 * length;
  word = (word & 0x0f0f0f0f0f0f0f0f) * 2561 >> 8;
  word = (word & 0x00ff00ff00ff00ff) * 6553601 >> 16;
  return (word & 0x0000ffff0000ffff) * 42949672960001 >> 32;
}

// Of one to sixteen digits.
inline uint64_t SixteenDigits(const char* digits, unsigned length) {
  if (length <= 8) return EightDigits(digits, length);
  return EightDigits(digits, length - 8) * 100'000'000 + EightDigits(digits + length - 8, 8);
}

#else

inline constexpr bool kFastDigits = false;
inline constexpr size_t kDigitBlock = 0;
inline uint64_t NonDigits(const char*) { return 0; }
inline uint64_t SixteenDigits(const char*, unsigned) { return 0; }

#endif

}  // namespace heapscope::capture
