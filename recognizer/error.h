// The one family of exceptions inside the library. At the ABI each becomes a status and a message.
#pragma once

#include <stdexcept>
#include <string>

namespace inkfield {

enum class ErrorKind {
  invalid_argument,
  invalid_template,
  invalid_model,
  invalid_image,
  limit_exceeded,
  not_found,
  cancelled,
  deadline_exceeded,
  unavailable,
  io_error,
  internal,
};

/// What was wrong, where (file, field id, expected and found) and what to do, in one message.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  [[nodiscard]] ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace inkfield
