// Platt scaling (Platt 1999; the stable form of Lin, Lin and Weng 2007) and acceptance thresholds.
#include "recognizer/training/calibration_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <locale>
#include <sstream>

namespace inkfield::training {
namespace {

double logit(double probability) {
  const double p = std::clamp(probability, 1e-9, 1 - 1e-9);
  return std::log(p / (1 - p));
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
  std::sort(outcomes.begin(), outcomes.end(),
            [](const Outcome& l, const Outcome& r) { return l.probability > r.probability; });
  static constexpr std::array<double, 9> kRates = {0.0001, 0.0002, 0.0005, 0.001, 0.002,
                                                   0.005,  0.01,   0.02,   0.05};
  for (const double rate : kRates) {
    double threshold = 2.0;
    double errors = 0;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      errors += outcomes[i].right ? 0 : 1;
      const bool tie = i + 1 < outcomes.size() && outcomes[i + 1].probability == outcomes[i].probability;
      if (!tie && (errors + 1) / (static_cast<double>(i) + 2) <= rate) {
        threshold = fit.confidence(outcomes[i].probability);
      }
    }
    // Rarer errors than the held-out set can show: the fitted confidence itself has to promise the rate.
    if (threshold > 1.0) threshold = 1.0 - rate;
    // However lax the rate, an answer more likely wrong than right is for a person.
    threshold = std::max(threshold, 0.5);
    fit.thresholds.emplace_back(rate, threshold);
  }
  // What counting finds at a lax rate also binds the stricter ones.
  for (std::size_t i = fit.thresholds.size() - 1; i-- > 0;) {
    fit.thresholds[i].second = std::max(fit.thresholds[i].second, fit.thresholds[i + 1].second);
  }
  return fit;
}

std::string to_json(const FittedCalibration& calibration) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out.precision(9);
  out << "{\"a\":" << calibration.a << ",\"b\":" << calibration.b << ",\"thresholds\":[";
  for (std::size_t i = 0; i < calibration.thresholds.size(); ++i) {
    out << (i == 0 ? "" : ",") << '[' << calibration.thresholds[i].first << ','
        << calibration.thresholds[i].second << ']';
  }
  out << "]}";
  return out.str();
}

}  // namespace inkfield::training
