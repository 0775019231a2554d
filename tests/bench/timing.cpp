// The clock is read around a slot, not around a run.
#include "tests/bench/timing.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace inkfield::bench {

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Slot::Slot(std::function<void()> run, double seconds) : run_(std::move(run)) {
  run_();
  double once = 1e9;
  for (int i = 0; i < 3; ++i) {
    const auto start = Clock::now();
    run_();
    once = std::min(once, seconds_since(start));
  }
  times_ = std::clamp(static_cast<int>(seconds / std::max(once, 1e-7)), 1, 1'000'000);
}

double Slot::seconds_a_run() const {
  const auto start = Clock::now();
  for (int i = 0; i < times_; ++i) run_();
  return seconds_since(start) / times_;
}

}  // namespace inkfield::bench
