#include "tests/bench/reading_curve.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>

namespace inkfield::bench {

void print_curve(const std::string& name, const std::vector<double>& from, const std::vector<CurvePoint>& points) {
  struct Step {
    double figures = 0;
    int right = 0, count = 0;
    [[nodiscard]] double share() const { return static_cast<double>(right) / (count + 1); }
  };
  std::vector<Step> steps(from.size());
  for (const CurvePoint& point : points) {
    const auto above = std::upper_bound(from.begin(), from.end(), point.figure) - from.begin();
    Step& step = steps[static_cast<std::size_t>(std::max<std::ptrdiff_t>(1, above) - 1)];
    step.figures += point.figure;
    step.right += point.right ? 1 : 0;
    ++step.count;
  }
  std::erase_if(steps, [](const Step& step) { return step.count == 0; });
  for (std::size_t i = 1; i < steps.size();) {
    if (steps[i].share() > steps[i - 1].share()) {
      ++i;
      continue;
    }
    steps[i - 1].figures += steps[i].figures;
    steps[i - 1].right += steps[i].right;
    steps[i - 1].count += steps[i].count;
    steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(i));
    if (i > 1) --i;
  }
  std::printf("constexpr std::array %s = {\n", name.c_str());
  for (const Step& step : steps) std::printf("    Knot{%.2f, %.4f},  // %d of %d\n", step.figures / step.count, step.share(), step.right, step.count);
  std::printf("};\n");
}

}  // namespace inkfield::bench
