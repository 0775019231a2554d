// Exceptions to statuses, and the checks of the structs that a host brings.
#include "plugin/abi/boundary.h"

#include <new>

namespace inkfield::abi {
namespace {

inkfield_status status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument:
      return INKFIELD_INVALID_ARGUMENT;
    case ErrorKind::invalid_template:
      return INKFIELD_INVALID_TEMPLATE;
    case ErrorKind::invalid_model:
      return INKFIELD_INVALID_MODEL;
    case ErrorKind::invalid_image:
      return INKFIELD_INVALID_IMAGE;
    case ErrorKind::limit_exceeded:
      return INKFIELD_LIMIT_EXCEEDED;
    case ErrorKind::not_found:
      return INKFIELD_NOT_FOUND;
    case ErrorKind::cancelled:
      return INKFIELD_CANCELLED;
    case ErrorKind::deadline_exceeded:
      return INKFIELD_DEADLINE_EXCEEDED;
    case ErrorKind::unavailable:
      return INKFIELD_UNAVAILABLE;
    case ErrorKind::io_error:
      return INKFIELD_IO_ERROR;
    case ErrorKind::internal:
      return INKFIELD_INTERNAL;
  }
  return INKFIELD_INTERNAL;
}

void write_message(inkfield_error* error, std::string_view message) noexcept {
  if (error == nullptr) return;
  error->required_bytes = message.size() + 1;
  if (error->buffer == nullptr || error->buffer_bytes == 0) return;
  const std::string_view fits = cut_utf8(message, error->buffer_bytes - 1U);
  std::memcpy(error->buffer, fits.data(), fits.size());
  error->buffer[fits.size()] = '\0';
}

}  // namespace

void check_struct(const void* given, std::uint32_t first_size, const char* name) {
  if (given == nullptr) throw Error(ErrorKind::invalid_argument, std::string(name) + " is NULL");
  std::uint32_t size = 0;
  std::memcpy(&size, given, sizeof size);
  if (size < first_size || size > kLargestSize) {
    throw Error(ErrorKind::invalid_argument,
                std::string(name) + ".struct_size is " + std::to_string(size) +
                    ", of no known version; set it to sizeof (this library: at least " +
                    std::to_string(first_size) + ")");
  }
}

std::string_view cut_utf8(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  std::size_t end = bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

inkfield_status report_current_exception(inkfield_error* error) noexcept {
  try {
    throw;
  } catch (const Error& e) {
    write_message(error, e.what());
    return status_of(e.kind());
  } catch (const std::bad_alloc&) {
    write_message(error, "out of memory");
    return INKFIELD_OUT_OF_MEMORY;
  } catch (const std::exception& e) {
    write_message(error, e.what());
    return INKFIELD_INTERNAL;
  } catch (...) {
    write_message(error, "an unknown exception");
    return INKFIELD_INTERNAL;
  }
}

std::string_view text_view(const char* text, std::uint64_t bytes) {
  if (text == nullptr) return {};
  if (bytes > PTRDIFF_MAX)
    throw Error(ErrorKind::invalid_argument, "a text's length is absurd: " + std::to_string(bytes));
  return bytes == 0 ? std::string_view(text) : std::string_view(text, static_cast<std::size_t>(bytes));
}

std::string or_empty(const char* text) { return text == nullptr ? std::string() : std::string(text); }

}  // namespace inkfield::abi
