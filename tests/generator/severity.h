// How badly a page was scanned, in numbers: one table, from which everything that speaks of a severity takes its figures.
//
// Severities: 0 none, 1 a good office scanner, 2 a fax or a cheap phone, 3 the worst that a clerk would still key, 4 ruin.
#pragma once

#include <array>
#include <vector>

#include "tests/generator/random.h"

namespace inkfield::generator {

inline constexpr int kSeverityCount = 5;

enum class Damage {
  skew,         ///< degrees, either way
  scale,        ///< share by which the copy is larger or smaller; along the feed a quarter of it more
  dpi,          ///< of the picture
  blur,         ///< standard deviation, mm on the page
  noise,        ///< standard deviation, of 255
  jpeg,         ///< quality; above 100: not a JPEG
  faint_ink,    ///< share of the pen's ink that is missing
  dark_paper,   ///< share of the light that paper and all swallow
  stain,        ///< share of the light that the rim of a coffee ring swallows; about one ring on 150 square cm
  fold,         ///< share of the light that the shady side of a crease loses; beyond it the sheet lies 1.5 mm times this aside
  shift,        ///< mm that the sheet lies aside; there are 6 mm of glass around it, so from there on its edge is cut off
  perspective,  ///< share by which the far edge is shorter than the near one
  light,        ///< share by which light falls off over the page
};
inline constexpr int kDamageCount = 13;

struct SeverityRow {
  Damage damage;
  const char* name;                        ///< "faint ink"
  const char* unit;                        ///< "share of ink missing"
  std::array<double, kSeverityCount> value;  ///< by severity
};

/// The table: one row a kind of damage, in the order of the enum.
const std::array<SeverityRow, kDamageCount>& severity_table();
double severity_value(Damage damage, int severity);

/// What one page suffers: an amount, in the table's units, for every kind.
struct PageDamage {
  std::array<double, kDamageCount> amount{};
  bool bilevel = false;       ///< black and white only, as a fax sends it
  bool dark_surround = false;  ///< the glass or table around the sheet is dark
  bool upside_down = false;

  PageDamage();  ///< none
  [[nodiscard]] double of(Damage damage) const { return amount[static_cast<std::size_t>(damage)]; }
  double& of(Damage damage) { return amount[static_cast<std::size_t>(damage)]; }
};

/// Only this damage, at exactly this severity; the rest is none.
PageDamage damage_alone(Damage damage, int severity);

/// All at once, as one device does it: every amount lies between those of the severity below and this one. From severity 2 on
/// the device is a fax (bilevel, no perspective, uneven light or JPEG) or a phone (those, and a dark table as likely as not). Half of the
/// pages are folded, half are stained.
PageDamage damage_together(int severity, Random& random);

}  // namespace inkfield::generator
