// How sure a counted share can be.
#pragma once

#include <cstddef>

namespace inkfield::command_line {

struct Interval {
  double low = 0;
  double high = 1;
};

/// The share, 0 of 0 being 0.
double share(std::size_t part, std::size_t whole);

/// The exact 95 % interval of a binomial share (Clopper and Pearson 1934): below `low` counting `part` or more of `whole` would
/// happen less than once in forty times, above `high` `part` or fewer. 0 to 1 if `whole` is 0.
Interval clopper_pearson(std::size_t part, std::size_t whole);

}  // namespace inkfield::command_line
