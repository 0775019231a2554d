// Collects what is wrong with a template, and finds the word that its author may have meant.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/template_loader.h"

namespace inkfield::config {

inline constexpr std::size_t kMaxFaultsShown = 100;

class FaultList {
 public:
  /// `order` is the place in the document: faults come out in that order, whatever order they went in.
  void add(int order, std::string pointer, std::string message);
  [[nodiscard]] std::size_t size() const { return count_; }
  /// True if another fault would only be counted; whoever composes costly messages may stop doing so.
  [[nodiscard]] bool is_full() const;
  /// At most kMaxFaultsShown, and one more that says how many were left out.
  [[nodiscard]] std::vector<Fault> sorted(const std::string& source) const;

 private:
  struct Entry {
    int order = 0;
    std::string pointer;
    std::string message;
  };
  std::vector<Entry> entries_;
  std::size_t count_ = 0;
};

/// The word of `known` that is nearest to `word` by typing errors or cut short, case and dashes aside; "" if
/// none is near.
std::string_view nearest_word(std::string_view word, std::span<const std::string_view> known);

}  // namespace inkfield::config
