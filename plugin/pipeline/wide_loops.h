// Loops over pixels that are compiled twice, for any processor and for those with AVX2; the library chooses when it is loaded. Both give the
// same values: whole numbers, or single operations of IEEE 754, which are never contracted here.
#pragma once

/// Before a function. Other compilers, other processors and sanitizers, whose checks are not ready when the choice is made, get one.
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define INKFIELD_WIDE_LOOPS __attribute__((target_clones("avx2", "default")))
#else
#define INKFIELD_WIDE_LOOPS
#endif
