// Times of short runs, and what is said of many of them.
#pragma once

#include <chrono>
#include <functional>
#include <vector>

namespace inkfield::bench {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start);
double median(std::vector<double> values);

/// Runs often enough in a slot that the clock's steps do not matter.
class Slot {
 public:
  Slot(std::function<void()> run, double seconds);
  [[nodiscard]] double seconds_a_run() const;

 private:
  std::function<void()> run_;
  int times_ = 1;
};

}  // namespace inkfield::bench
