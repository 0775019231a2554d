// The form template as the rest of the program sees it: what the JSON loads into.
//
// The language is described by schema/form-template.schema.json; `template_loader.h` reads it. Everything here
// is plain values, in millimetres, already checked: nothing downstream checks a template again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/form_rules.h"
#include "config/geometry.h"

namespace inkfield::config {

/// What a field is. One reader stands behind each kind; `field_kinds.h` says what a template may say of it.
/// The C ABI's INKFIELD_KIND_ constants are these values plus one: new kinds come last.
enum class FieldKind { handwritten_number, printed_text, checkbox, printed_number, checkbox_group, barcode, signature, micr_line };

/// Where the characters stand inside a field.
enum class LayoutType {
  line,   ///< free-running on blank paper or a base line
  boxes,  ///< every character in a printed box of its own
  comb,   ///< characters between short ticks rising from a base line
};

struct LayoutGap {
  int after = 0;      ///< after so many boxes (1-based count)
  double gap_mm = 0;  ///< extra paper before the next box
};

struct Layout {
  LayoutType type = LayoutType::line;
  int count = 0;                ///< boxes or comb teeth; 0 for a line
  double pitch_mm = 0;          ///< left edge to left edge; from the zone's width when the template leaves it out
  std::vector<LayoutGap> gaps;  ///< sorted by `after`
  bool printed_lines = true;    ///< box or base lines are printed in a colour that scans (not dropped out)
};

enum class FormatType {
  digits,   ///< 0-9, between min_length and max_length of them
  date,     ///< day, month, year in `date_order`
  amount,   ///< money: grouping, decimals, terminators
  zip,      ///< US ZIP: 5, or 5+4 with a dash
  phone,    ///< digits with dashes, dots, blanks, slashes
  pattern,  ///< `pattern`: 9 = a digit, any of ,.-/= stands for itself, [..] one of these digits, {n} repeats, ? optional
  text,     ///< printed text: `characters` and `pattern` may narrow it
};

enum class DateOrder { ddmmyyyy, mmddyyyy, yyyymmdd, ddmmyy, mmddyy, yymmdd };
enum class Grouping { none, thousands, indian, any };
enum class CheckDigit { none, luhn, mod10_weight31, mod11, mod97, verhoeff, aba };

/// What a field may hold. `std::nullopt` means: not narrowed.
struct FieldFormat {
  FormatType type = FormatType::digits;
  int min_length = 0;
  int max_length = 0;  ///< 0: as many as the layout has boxes, or 40 on a line
  // date
  DateOrder date_order = DateOrder::ddmmyyyy;
  std::string date_separators;         ///< characters that may stand between the parts; "" if none are written
  std::optional<std::string> earliest;  ///< ISO dates
  std::optional<std::string> latest;
  // amount
  Grouping grouping = Grouping::any;
  char decimal_mark = '.';
  int decimals = 2;                      ///< digits after the mark
  bool decimals_optional = true;
  std::vector<std::string> terminators;  ///< such as "/-", "=", "-"; each may close the number
  std::string currency;                  ///< ISO 4217, copied into the result
  // range of the number's value, for digits and amounts
  std::optional<double> minimum;
  std::optional<double> maximum;
  CheckDigit check_digit = CheckDigit::none;
  std::string pattern;
  std::string characters;  ///< printed text: the characters that may occur; "" for all
};

/// One box of a check-box group.
struct FieldOption {
  std::string value;  ///< what the result says when it is chosen
  RectMm zone;        ///< on the form
};

/// How many boxes of a group may be chosen.
enum class Choose {
  one,  ///< exactly one
  any,  ///< none, some or all
};

/// What a barcode may be printed as; each is one bit of a set.
enum class Symbology : std::uint32_t {
  code_39 = 1U << 0U,
  code_93 = 1U << 1U,
  code_128 = 1U << 2U,
  codabar = 1U << 3U,
  itf = 1U << 4U,
  ean_8 = 1U << 5U,
  ean_13 = 1U << 6U,
  upc_a = 1U << 7U,
  upc_e = 1U << 8U,
  databar = 1U << 9U,
  qr = 1U << 10U,
  data_matrix = 1U << 11U,
  pdf_417 = 1U << 12U,
  aztec = 1U << 13U,
};

/// One field of a form.
struct Field {
  std::string id;
  std::string label;
  FieldKind kind = FieldKind::handwritten_number;
  RectMm zone;  ///< outer edge of boxes or comb; of the written area for a line; all zeros in a field read from a crop
  Layout layout;
  FieldFormat format;
  bool required = true;
  double allowed_wrong_rate = 0.01;  ///< share of wrong answers among accepted ones that the user will bear
  double checked_ink_share = 0;      ///< check boxes: share of ink inside that means checked; 0 for the reader's own
  std::vector<FieldOption> options;  ///< of a check-box group
  Choose choose = Choose::one;
  std::uint32_t symbologies = 0;     ///< barcodes: the set of Symbology bits it may be printed as
};

/// How the page is found again. What the template lists is printed on every copy of the form.
struct CornerMark {
  PointMm center;
  double size_mm = 5;  ///< side of a solid black square
};

enum class LandmarkKind {
  line,       ///< a straight printed line (one of the rectangle's sides is under 1 mm)
  rectangle,  ///< the outline of a box
  block,      ///< a solid black area
  text,       ///< an area filled with print
};

struct Landmark {
  LandmarkKind kind = LandmarkKind::rectangle;
  RectMm zone;
  std::string text;  ///< what is printed there, for people and later readers
};

/// A code printed on every copy that says which form, or which revision of it, this is. It has one of `text`,
/// `begins_with` and `pattern`.
struct FormBarcode {
  RectMm zone;
  std::uint32_t symbologies = 0;  ///< set of Symbology bits
  std::string text;
  std::string begins_with;
  std::string pattern;  ///< as a field's format has it
};

struct FindBy {
  std::vector<CornerMark> corner_marks;
  std::vector<Landmark> landmarks;
  std::string blank_image;  ///< absolute path of the blank form's picture, filling the page exactly; "" if none
  std::optional<FormBarcode> barcode;
};

/// The colour that a form is printed in, for scanners that keep colour: it vanishes in the channel of that name.
enum class DropOut { none, red, green, blue };

struct FormTemplate {
  std::string id;
  std::string name;
  std::string source;  ///< file it came from, or "memory"
  double width_mm = 0;
  double height_mm = 0;
  FindBy find_by;
  DropOut drop_out = DropOut::none;
  std::vector<Field> fields;
  std::vector<FormRule> rules;  ///< across fields
  std::string content_hash;  ///< of the JSON text, hexadecimal; a host's journal wants it
};

}  // namespace inkfield::config
