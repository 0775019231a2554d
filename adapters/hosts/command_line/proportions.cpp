// The limits are quantiles of beta distributions; the incomplete beta function by its continued fraction (Lentz's way of summing
// it), turned round by halving.
#include "adapters/hosts/command_line/proportions.h"

#include <algorithm>
#include <cmath>

namespace inkfield::command_line {

namespace {

constexpr double kTail = 0.025;

double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  double c = 1;
  double d = 1 - (a + b) * x / (a + 1);
  d = 1 / (std::abs(d) < kTiny ? kTiny : d);
  double result = d;
  const auto take = [&](double term) {
    d = 1 + term * d;
    d = 1 / (std::abs(d) < kTiny ? kTiny : d);
    c = 1 + term / c;
    if (std::abs(c) < kTiny) c = kTiny;
    result *= c * d;
    return c * d;
  };
  // It settles after some multiple of the root of the larger argument.
  const int most = 200 + static_cast<int>(10 * std::sqrt(std::max(a, b)));
  for (int i = 1; i < most; ++i) {
    const double m = i;
    take(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
    const double last = take(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)));
    if (std::abs(last - 1) < 1e-15) break;
  }
  return result;
}

/// Probability that a beta-distributed number is below x.
double beta_below(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  // On either side of the mean the fraction of one of the two settles fast.
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double beta_quantile(double a, double b, double probability) {
  double low = 0;
  double high = 1;
  for (int i = 0; i < 200 && high - low > 1e-15 * high; ++i) {
    const double middle = 0.5 * (low + high);
    (beta_below(a, b, middle) < probability ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

Interval clopper_pearson(std::size_t part, std::size_t whole) {
  if (whole == 0) return {};
  const auto k = static_cast<double>(std::min(part, whole));
  const auto n = static_cast<double>(whole);
  Interval interval;
  if (k > 0) interval.low = beta_quantile(k, n - k + 1, kTail);
  if (k < n) interval.high = beta_quantile(k + 1, n - k, 1 - kTail);
  return interval;
}

}  // namespace inkfield::command_line
