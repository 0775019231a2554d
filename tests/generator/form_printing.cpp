#include "tests/generator/form_printing.h"

#include <stdexcept>

namespace inkfield::generator {
namespace {

using config::RectMm;

/// Runs of cells without a gap between them.
std::vector<RectMm> groups_of(const std::vector<RectMm>& cells) {
  std::vector<RectMm> groups;
  for (const RectMm& cell : cells) {
    if (!groups.empty() && cell.x_mm - groups.back().right_mm() < 0.01) {
      groups.back().width_mm = cell.right_mm() - groups.back().x_mm;
    } else {
      groups.push_back(cell);
    }
  }
  return groups;
}

void print_boxes(const config::Field& field, const PrintStyle& style, Canvas& canvas) {
  const std::vector<RectMm> cells = cells_of(field);
  for (const RectMm& group : groups_of(cells)) {
    canvas.fill(group, style.box_paper);
    for (const RectMm& cell : cells) {
      if (cell.x_mm > group.x_mm + 0.01 && cell.x_mm < group.right_mm() - 0.01) {
        canvas.line(cell.x_mm, group.y_mm, cell.x_mm, group.bottom_mm(), style.divider_mm, style.line);
      }
    }
    canvas.outline(group, style.box_line_mm, style.line);
  }
}

/// Ticks rise from the base line over a little more than a third of the height; the outer two stand taller.
void print_comb(const config::Field& field, const PrintStyle& style, Canvas& canvas) {
  const std::vector<RectMm> cells = cells_of(field);
  for (const RectMm& group : groups_of(cells)) {
    canvas.fill(group, style.box_paper);
    const double base = group.bottom_mm() - style.box_line_mm / 2;
    canvas.line(group.x_mm, base, group.right_mm(), base, style.box_line_mm, style.line);
    const double half = style.box_line_mm / 2;
    canvas.line(group.x_mm + half, group.y_mm + group.height_mm * 0.4, group.x_mm + half, base, style.box_line_mm, style.line);
    canvas.line(group.right_mm() - half, group.y_mm + group.height_mm * 0.4, group.right_mm() - half, base, style.box_line_mm,
                style.line);
    for (const RectMm& cell : cells) {
      if (cell.x_mm > group.x_mm + 0.01 && cell.x_mm < group.right_mm() - 0.01) {
        canvas.line(cell.x_mm, group.y_mm + group.height_mm * 0.62, cell.x_mm, base, style.divider_mm, style.line);
      }
    }
  }
}

}  // namespace

std::vector<RectMm> cells_of(const config::Field& field) {
  std::vector<RectMm> cells;
  double x = field.zone.x_mm;
  for (int i = 0; i < field.layout.count; ++i) {
    for (const config::LayoutGap& gap : field.layout.gaps) {
      if (gap.after == i) {
        x += gap.gap_mm;
      }
    }
    cells.push_back({x, field.zone.y_mm, field.layout.pitch_mm, field.zone.height_mm});
    x += field.layout.pitch_mm;
  }
  return cells;
}

void print_marks(const config::FormTemplate& form, const PrintStyle& style, Canvas& canvas) {
  for (const config::CornerMark& mark : form.find_by.corner_marks) {
    canvas.fill({mark.center.x_mm - mark.size_mm / 2, mark.center.y_mm - mark.size_mm / 2, mark.size_mm, mark.size_mm}, kBlack);
  }
  for (const config::Landmark& landmark : form.find_by.landmarks) {
    if (landmark.kind == config::LandmarkKind::rectangle) {
      canvas.outline(landmark.zone, style.frame_mm, style.line);
    } else if (landmark.kind != config::LandmarkKind::text) {
      canvas.fill(landmark.zone, style.line);
    }
  }
}

void print_field(const config::Field& field, const PrintStyle& style, Canvas& canvas) {
  if (field.kind == config::FieldKind::checkbox) {
    canvas.fill(field.zone, style.box_paper);
    canvas.outline(field.zone, style.box_line_mm, style.line);
  } else if (field.kind == config::FieldKind::handwritten_number && field.layout.type == config::LayoutType::boxes) {
    print_boxes(field, style, canvas);
  } else if (field.kind == config::FieldKind::handwritten_number && field.layout.type == config::LayoutType::comb) {
    print_comb(field, style, canvas);
  }
}

void print_guides(const config::Field& field, const std::string& letters, const Font& font, Colour colour, Canvas& canvas) {
  const std::vector<RectMm> cells = cells_of(field);
  for (std::size_t i = 0; i < cells.size() && i < letters.size(); ++i) {
    canvas.text(cells[i].center().x_mm, cells[i].bottom_mm() + font.size_pt * 0.3528 * 1.05, letters.substr(i, 1), font, colour,
                Align::center);
  }
}

const config::Field& field_of(const config::FormTemplate& form, const std::string& id) {
  for (const config::Field& field : form.fields) {
    if (field.id == id) {
      return field;
    }
  }
  throw std::out_of_range("the template " + form.id + " has no field " + id);
}

}  // namespace inkfield::generator
