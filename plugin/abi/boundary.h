// The guard at the boundary: no exception leaves, every failure becomes a status and a message, and structs
// of other sizes than ours are copied in and out safely.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>

#include "inkfield/inkfield.h"
#include "recognizer/error.h"

namespace inkfield::abi {

/// What version 1 of every struct measured; a smaller one is of no known version. Never changes.
template <class Struct>
inline constexpr std::uint32_t kFirstSize = 0;
template <>
inline constexpr std::uint32_t kFirstSize<inkfield_error> = 24;
template <>
inline constexpr std::uint32_t kFirstSize<inkfield_image> = 56;
template <>
inline constexpr std::uint32_t kFirstSize<inkfield_engine_options> = 120;
template <>
inline constexpr std::uint32_t kFirstSize<inkfield_form_info> = 48;
template <>
inline constexpr std::uint32_t kFirstSize<inkfield_fault> = 32;
template <>
inline constexpr std::uint32_t kFirstSize<inkfield_read_options> = 56;
template <>
inline constexpr std::uint32_t kFirstSize<inkfield_page_info> = 144;
template <>
inline constexpr std::uint32_t kFirstSize<inkfield_field> = 152;
template <>
inline constexpr std::uint32_t kFirstSize<inkfield_rule> = 40;
template <>
inline constexpr std::uint32_t kFirstSize<inkfield_candidate> = 24;
template <>
inline constexpr std::uint32_t kFirstSize<inkfield_character> = 80;

/// No struct of ours will ever be this large: a larger struct_size is memory that nobody has set.
inline constexpr std::uint32_t kLargestSize = 4096;

/// Throws Error(invalid_argument) unless a host's struct may be touched.
void check_struct(const void* given, std::uint32_t first_size, const char* name);

/// Copies a host's struct into a zeroed one of ours. A newer host's struct may be longer, but what we do not
/// know must be zero there: an option that is silently ignored would be a wrong answer.
template <class Struct>
Struct copied_in(const Struct* given, const char* name) {
  check_struct(given, kFirstSize<Struct>, name);
  const std::size_t size = given->struct_size;
  const auto* bytes = reinterpret_cast<const unsigned char*>(given);
  if (std::any_of(bytes + std::min(size, sizeof(Struct)), bytes + size,
                  [](unsigned char b) { return b != 0; })) {
    throw Error(ErrorKind::invalid_argument,
                std::string(name) + " asks for something that this older library does not know");
  }
  Struct ours{};
  std::memcpy(&ours, given, std::min(size, sizeof(Struct)));
  ours.struct_size = sizeof(Struct);
  return ours;
}

/// Fills a host's struct, which may be shorter or longer than ours; its struct_size stays.
template <class Struct>
void fill_out(Struct* given, Struct ours) {
  const std::uint32_t size = given->struct_size;
  ours.struct_size = size;
  if (size > sizeof(Struct))
    std::memset(reinterpret_cast<unsigned char*>(given) + sizeof(Struct), 0, size - sizeof(Struct));
  std::memcpy(given, &ours, std::min<std::size_t>(size, sizeof(Struct)));
}

/// The longest beginning of `text` of at most `bytes` bytes that does not end inside a UTF-8 character.
std::string_view cut_utf8(std::string_view text, std::size_t bytes);

/// The status and message of the exception in flight, written into the host's error.
inkfield_status report_current_exception(inkfield_error* error) noexcept;

/// Runs the body of a call. A null `error` is fine, a broken one is refused.
template <class Body>
inkfield_status guarded(inkfield_error* error, Body&& body) noexcept {
  try {
    if (error != nullptr) check_struct(error, kFirstSize<inkfield_error>, "error");
  } catch (...) {
    return INKFIELD_INVALID_ARGUMENT;
  }
  try {
    body();
    return INKFIELD_OK;
  } catch (...) {
    return report_current_exception(error);
  }
}

/// Throws Error(invalid_argument) for a null pointer.
template <class T>
T* required(T* pointer, const char* name) {
  if (pointer == nullptr) throw Error(ErrorKind::invalid_argument, std::string(name) + " is NULL");
  return pointer;
}

/// A text with its length, or zero-terminated when the length is 0. NULL gives "".
std::string_view text_view(const char* text, std::uint64_t bytes);

/// NULL gives "".
std::string or_empty(const char* text);

}  // namespace inkfield::abi
