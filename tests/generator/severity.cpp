#include "tests/generator/severity.h"

#include <cstddef>

namespace inkfield::generator {

const std::array<SeverityRow, kDamageCount>& severity_table() {
  static const std::array<SeverityRow, kDamageCount> table{{
      {Damage::skew, "skew", "degrees", {0, 1, 4, 10, 20}},
      {Damage::scale, "scale", "share larger or smaller", {0, 0.005, 0.02, 0.05, 0.12}},
      {Damage::dpi, "dpi", "dots per inch", {300, 240, 200, 150, 100}},
      {Damage::blur, "blur", "mm deviation", {0, 0.035, 0.08, 0.14, 0.25}},
      {Damage::noise, "noise", "deviation of 255", {0, 4, 10, 20, 45}},
      {Damage::jpeg, "JPEG", "quality", {101, 85, 50, 25, 8}},
      {Damage::faint_ink, "faint ink", "share of ink missing", {0, 0.1, 0.3, 0.55, 0.8}},
      {Damage::dark_paper, "dark paper", "share of light lost", {0, 0.05, 0.15, 0.35, 0.6}},
      {Damage::stain, "stains", "share of light lost", {0, 0.05, 0.2, 0.4, 0.75}},
      {Damage::fold, "folds", "share of light lost", {0, 0.05, 0.15, 0.3, 0.6}},
      {Damage::shift, "shift", "mm", {0, 2, 5, 12, 30}},
      {Damage::perspective, "perspective", "share of far edge", {0, 0, 0.03, 0.08, 0.2}},
      {Damage::light, "uneven light", "share of light lost", {0, 0.03, 0.15, 0.35, 0.7}},
  }};
  return table;
}

double severity_value(Damage damage, int severity) {
  return severity_table().at(static_cast<std::size_t>(damage)).value.at(static_cast<std::size_t>(severity));
}

PageDamage::PageDamage() {
  for (const SeverityRow& row : severity_table()) of(row.damage) = row.value[0];
}

PageDamage damage_alone(Damage damage, int severity) {
  PageDamage page;
  page.of(damage) = severity_value(damage, severity);
  return page;
}

PageDamage damage_together(int severity, Random& random) {
  PageDamage page;
  const bool fax = severity >= 2 && random.chance(0.5);
  const bool phone = severity >= 2 && !fax;
  for (const SeverityRow& row : severity_table()) {
    const double below = severity_value(row.damage, severity > 0 ? severity - 1 : 0);
    page.of(row.damage) = random.between(below, severity_value(row.damage, severity));
  }
  const auto none = [&](Damage damage) { page.of(damage) = severity_value(damage, 0); };
  if (random.chance(0.5)) none(Damage::fold);
  if (random.chance(0.5)) none(Damage::stain);
  if (fax) {
    for (const Damage damage : {Damage::perspective, Damage::light, Damage::jpeg}) none(damage);
  } else if (random.chance(phone ? 0.0 : 0.4)) {
    none(Damage::jpeg);
  }
  page.bilevel = fax;
  page.dark_surround = phone ? random.chance(0.5) : severity > 0 && random.chance(0.25);
  page.upside_down = severity >= 2 && random.chance(0.2);
  return page;
}

}  // namespace inkfield::generator
