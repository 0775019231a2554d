// Platt scaling (Platt 1999; the stable form of Lin, Lin and Weng 2007) and acceptance thresholds.
#include "recognizer/training/calibration_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <locale>
#include <ostream>
#include <sstream>
#include <utility>

#include "recognizer/synthesis/random.h"

namespace inkfield::training {
namespace {

// As many cells as the rows of forms have: longer ones are held to the next of these.
constexpr std::array<int, 10> kRowCells = {2, 3, 4, 6, 8, 10, 12, 16, 24, 32};
constexpr std::uint64_t kRowSeed = 8;

double logit(double probability) {
  const double p = std::clamp(probability, 1e-9, 1 - 1e-9);
  return std::log(p / (1 - p));
}

// How likely no more than `wrong` of `count` are wrong where each is with probability `rate`. At most kDoubt of that and
// the rate is above the Clopper-Pearson bound of what was counted.
double likelihood_of_so_few(int wrong, int count, double rate) {
  double term = std::exp(count * std::log1p(-rate));
  double sum = term;
  for (int k = 1; k <= wrong; ++k) {
    term *= (count - k + 1.0) / k * (rate / (1 - rate));
    sum += term;
  }
  return sum;
}
constexpr double kDoubt = 0.05;

// Thresholds for outcomes that hold confidences.
Thresholds count_thresholds(std::vector<Outcome> outcomes) {
  std::sort(outcomes.begin(), outcomes.end(),
            [](const Outcome& l, const Outcome& r) { return l.probability > r.probability; });
  static constexpr std::array<double, 13> kRates = {0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005,
                                                    0.0075, 0.01,   0.015,  0.02,  0.03,  0.05};
  Thresholds thresholds;
  for (const double rate : kRates) {
    double threshold = 2.0;
    int wrong = 0;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      wrong += outcomes[i].right ? 0 : 1;
      const bool tie = i + 1 < outcomes.size() && outcomes[i + 1].probability == outcomes[i].probability;
      const int count = static_cast<int>(i) + 1;
      if (!tie && wrong < rate * count && likelihood_of_so_few(wrong, count, rate) <= kDoubt) threshold = outcomes[i].probability;
    }
    // Rarer errors than the held-out set can show: the fitted confidence itself has to promise the rate.
    if (threshold > 1.0) threshold = 1.0 - rate;
    // However lax the rate, an answer more likely wrong than right is for a person.
    threshold = std::max(threshold, 0.5);
    thresholds.emplace_back(rate, threshold);
  }
  // What counting finds at a lax rate also binds the stricter ones.
  for (std::size_t i = thresholds.size() - 1; i-- > 0;) {
    thresholds[i].second = std::max(thresholds[i].second, thresholds[i + 1].second);
  }
  return thresholds;
}

void write_thresholds(std::ostream& out, const Thresholds& thresholds) {
  out << "\"thresholds\":[";
  for (std::size_t i = 0; i < thresholds.size(); ++i) {
    out << (i == 0 ? "" : ",") << '[' << thresholds[i].first << ',' << thresholds[i].second << ']';
  }
  out << ']';
}

}  // namespace

double FittedCalibration::confidence(double probability) const {
  return 1 / (1 + std::exp(-(a * logit(probability) + b)));
}

FittedCalibration fit_calibration(std::vector<Outcome> outcomes) {
  FittedCalibration fit;
  const auto right = static_cast<double>(
      std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.right; }));
  const double wrong = static_cast<double>(outcomes.size()) - right;
  if (right > 0 && wrong > 0) {
    const double high = (right + 1) / (right + 2);
    const double low = 1 / (wrong + 2);
    const auto loss = [&](double a, double b) {
      double sum = 0;
      for (const Outcome& o : outcomes) {
        const double z = a * logit(o.probability) + b;
        const double target = o.right ? high : low;
        sum += z >= 0 ? (1 - target) * z + std::log1p(std::exp(-z)) : -target * z + std::log1p(std::exp(z));
      }
      return sum;
    };
    double best = loss(fit.a, fit.b);
    for (int round = 0; round < 100; ++round) {
      double ga = 0;
      double gb = 0;
      double haa = 1e-9;
      double hab = 0;
      double hbb = 1e-9;
      for (const Outcome& o : outcomes) {
        const double x = logit(o.probability);
        const double q = 1 / (1 + std::exp(-(fit.a * x + fit.b)));
        const double d = q - (o.right ? high : low);
        const double h = q * (1 - q);
        ga += d * x;
        gb += d;
        haa += h * x * x;
        hab += h * x;
        hbb += h;
      }
      const double det = haa * hbb - hab * hab;
      const double da = -(hbb * ga - hab * gb) / det;
      const double db = -(haa * gb - hab * ga) / det;
      double step = 1;
      double next = best;
      for (; step > 1e-6; step *= 0.5) {
        next = loss(fit.a + step * da, fit.b + step * db);
        if (next < best) break;
      }
      if (!(next < best)) break;
      fit.a += step * da;
      fit.b += step * db;
      const bool settled = best - next < 1e-9 * best;
      best = next;
      if (settled) break;
    }
  }
  for (Outcome& outcome : outcomes) outcome.probability = fit.confidence(outcome.probability);
  fit.thresholds = count_thresholds(std::move(outcomes));
  return fit;
}

FittedCalibration fit_symbol_calibration(const std::vector<Outcome>& outcomes) {
  FittedCalibration fit = fit_calibration(outcomes);
  if (outcomes.empty()) return fit;
  synthesis::Random random(kRowSeed);
  for (const int cells : kRowCells) {
    std::vector<Outcome> rows(outcomes.size());
    for (Outcome& row : rows) {
      row = {1.0, true};
      for (int i = 0; i < cells; ++i) {
        const Outcome& cell = outcomes[static_cast<std::size_t>(random.below(static_cast<int>(outcomes.size())))];
        row.probability *= fit.confidence(cell.probability);
        row.right = row.right && cell.right;
      }
    }
    fit.rows.push_back({cells, count_thresholds(std::move(rows))});
  }
  return fit;
}

std::string to_json(const FittedCalibration& calibration) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out.precision(9);
  out << "{\"a\":" << calibration.a << ",\"b\":" << calibration.b << ',';
  if (calibration.spread != 1) out << "\"spread\":" << calibration.spread << ',';
  write_thresholds(out, calibration.thresholds);
  for (std::size_t i = 0; i < calibration.rows.size(); ++i) {
    out << (i == 0 ? ",\"rows\":[" : ",") << "{\"cells\":" << calibration.rows[i].cells << ',';
    write_thresholds(out, calibration.rows[i].thresholds);
    out << '}';
  }
  if (!calibration.rows.empty()) out << ']';
  out << '}';
  return out.str();
}

}  // namespace inkfield::training
