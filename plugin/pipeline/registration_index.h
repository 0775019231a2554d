// Which of many templates a page could be, and where, without looking for each of them in full.
//
// One printed line gives a frame to measure all others in: its middle is the origin, its length the unit. How the other
// lines lie in that frame does not change with scale or place, and there are eight ways to hold a sheet. So all lines of
// all templates lie in one table by what they look like from their template's longest lines; each line of the page asks
// the table what it could be, seen from each long line of the page, and what is named often is a template and a place.
// Two solid marks count as a line between them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "plugin/pipeline/page_evidence.h"
#include "plugin/pipeline/registration_reference.h"
#include "plugin/pipeline/registration_view.h"

namespace inkfield::pipeline {

struct IndexedPlace {
  std::size_t form = 0;  ///< in the order of `add`
  Pose pose;
  double score = 0;      ///< share of a few probes of its print that are found there
};

class RegistrationIndex {
 public:
  /// `reference` must outlive the index.
  void add(const PrintReference& reference);
  [[nodiscard]] std::size_t size() const { return forms_.size(); }
  /// A few places for each form that the page could be, best first. `tried` is how many were thought of.
  [[nodiscard]] std::vector<IndexedPlace> ask(const PrintEvidence& print, double& tried, const std::function<void()>& checkpoint) const;

  /// A line, or the way between two marks.
  struct Stroke {
    bool upright = false;
    bool between_marks = false;
    double from = 0;
    double to = 0;
    double offset = 0;
    [[nodiscard]] double length() const { return to - from; }
    [[nodiscard]] double middle() const { return (from + to) / 2; }
  };

 private:
  struct Base {
    Stroke stroke;
    std::uint32_t form = 0;
    std::uint32_t others = 0;  // lines of its form that are in the table by it
  };
  struct Entry {
    std::uint32_t key = 0;
    std::uint32_t base_and_other = 0;  // the base, and in the lowest bits the number of the other line
  };
  struct Form {
    const PrintReference* reference = nullptr;
    std::vector<PrintSample> probes;
  };
  std::vector<Form> forms_;
  std::vector<Base> bases_;
  // The table: keys that differ in their place across alone lie in one row, and rows lie one after another.
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> row_ends_;
};

}  // namespace inkfield::pipeline
