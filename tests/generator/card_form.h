// A small card that suffers what forms suffer: it comes in any colour of print, with guides in its boxes, security waves, a stamp over its
// fields, punch holes and writing that shines through from the back. Each of these has a test of its own.
#pragma once

#include <cstdint>
#include <string>

#include "config/form_template.h"
#include "tests/generator/canvas.h"
#include "tests/generator/damaged_page.h"
#include "tests/generator/severity.h"

namespace inkfield::generator {

struct CardStyle {
  Colour print = kBlack;    ///< boxes, lines, labels; corner marks are black
  bool guides = false;      ///< D D M M Y Y Y Y, and N in the other boxes
  Colour guide{0.72, 0.72, 0.72};
  bool waves = false;       ///< security print under every field
  bool stamp = false;       ///< a round stamp in violet over the number
  bool holes = false;       ///< two punch holes at the left edge, one of them through the first box of the number
  bool back = false;        ///< a filled-in card's back shines through, mirrored
};

/// The card's template. `drop_out` "" or a colour of the template language, `blank_image` "" or a path.
std::string card_template_json(const std::string& drop_out, const std::string& blank_image);
config::FormTemplate card_template();

/// The card with nothing written on it, gray, filling the picture exactly.
Picture blank_card(const CardStyle& style, double dpi);
/// A filled-in card; its number is always written, so that stamp and holes meet ink.
DamagedPage filled_card(const CardStyle& style, const PageDamage& damage, std::uint64_t seed);

}  // namespace inkfield::generator
