// A list of valid values from a CSV file: a million of them are loaded once and looked up by a hash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace inkfield::config {

/// Which columns of the file, by their names in its first line.
struct ValueListColumns {
  std::string value;
  std::string key;  ///< "" if there is none
  char separator = ',';
};

/// Immutable once it is filled. Values are kept side by side in one text, with a table of places in it: some 13 bytes a
/// value besides the value itself.
class ValueList {
 public:
  /// True if the value stands in the file (beside that key, if the list has keys). A list without keys is asked with "".
  [[nodiscard]] bool contains(std::string_view key, std::string_view value) const;
  /// Different ones.
  [[nodiscard]] std::size_t size() const { return count_; }
  /// False if nothing is left to put it in (4 GiB, 2^31 values).
  bool add(std::string_view key, std::string_view value);

 private:
  [[nodiscard]] std::size_t slot_of(std::string_view entry) const;
  [[nodiscard]] std::string_view entry_at(std::uint32_t place) const;
  void grow();
  std::string entries_;               // each: two bytes of length, then key, a zero byte, value
  std::vector<std::uint32_t> slots_;  // place in entries_ plus one, or 0; a power of two of them
  std::size_t count_ = 0;
  std::string scratch_;
};

inline constexpr std::size_t kMaxListBytes = 256U << 20U;
inline constexpr std::size_t kMaxListCellBytes = 1000;

/// Fills `list` from a CSV file (RFC 4180: cells may be quoted, lines end in LF or CRLF; UTF-8, with or without a byte order
/// mark). Blanks around a cell do not count, empty cells are no values, a value may stand there twice. Returns "", or what is
/// wrong: the path, the line, what to do.
std::string read_value_list(const std::string& path, const ValueListColumns& columns, ValueList& list);

/// The same from memory; `path` is for messages.
std::string parse_value_list(std::string_view text, const std::string& path, const ValueListColumns& columns, ValueList& list);

}  // namespace inkfield::config
