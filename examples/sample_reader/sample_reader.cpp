// Reads a folder of sample pages through the plugin, as a capture program would, and holds the answers against what
// was written on them: the figures that examples/run prints.
//
//   inkfield-read-samples --templates FORMS PAGES
//
// PAGES/truth.csv lists one field a line: file,form,field,text,normalized. The plugin is loaded at run time; nothing of
// Inkfield but its public header is known here.

#include <inkfield/inkfield.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

constexpr int kPagesShown = 3;      // one of each form is enough to see what comes back
constexpr double kLeastRight = 0.99;
constexpr double kLeastAccepted = 0.90;
constexpr int kLeastFields = 500;

struct Truth {
  std::string form;
  std::map<std::string, std::string> value;  // by field id: the normalised value, else the text
};

/// One line of a CSV file whose cells may be quoted.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      cells.back() += line[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else if (c != '\r') {
      cells.back() += c;
    }
  }
  return cells;
}

std::map<std::string, Truth> load_truth(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  if (!std::getline(in, line)) throw std::runtime_error("cannot read " + path);
  const std::vector<std::string> header = cells_of(line);
  const auto column = [&](const char* name) {
    const auto at = std::find(header.begin(), header.end(), name);
    if (at == header.end()) throw std::runtime_error(path + " has no column " + name);
    return static_cast<std::size_t>(at - header.begin());
  };
  const std::size_t file = column("file"), form = column("form"), field = column("field"), text = column("text"),
                    normalized = column("normalized");
  std::map<std::string, Truth> pages;
  while (std::getline(in, line)) {
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() != header.size()) throw std::runtime_error(path + ": a line of another length: " + line);
    Truth& page = pages[cells[file]];
    page.form = cells[form];
    page.value[cells[field]] = cells[normalized].empty() ? cells[text] : cells[normalized];
  }
  return pages;
}

const char* name_of(inkfield_field_state state) {
  switch (state) {
    case INKFIELD_FIELD_ACCEPTED: return "accept";
    case INKFIELD_FIELD_REVIEW: return "review";
    case INKFIELD_FIELD_EMPTY: return "empty";
    default: return "failed";
  }
}

struct Count {
  int fields = 0, right = 0, accepted = 0, accepted_wrong = 0;
};

void show(const std::string& file, const inkfield::PageInfo& page, const std::vector<inkfield::Field>& fields) {
  std::cout << '\n' << file << ": " << page.form_id << ", registered to " << std::fixed << std::setprecision(2)
            << page.registration_residual_mm << " mm\n";
  for (const inkfield::Field& field : fields) {
    std::cout << "  " << std::left << std::setw(24) << field.id << std::setw(22) << field.text << std::setw(16)
              << field.normalized << std::right << std::setw(7) << std::setprecision(4) << field.confidence << "  "
              << name_of(field.state) << '\n';
  }
}

void print_share(const char* what, int part, int whole, const char* bound) {
  std::printf("  %-34s %5d of %d  %6.2f %%   %s\n", what, part, whole, whole > 0 ? 100.0 * part / whole : 0.0, bound);
}

int run(const std::string& templates, const std::string& folder) {
  const auto truth = load_truth(folder + "/truth.csv");
  const inkfield::Library library = inkfield::Library::load(inkfield::find_library());
  inkfield::EngineOptions options;
  options.template_paths = {templates};
  options.strict = true;
  inkfield::Engine engine(library, options);
  inkfield::Session session(engine);

  std::map<std::string, Count> by_kind;
  Count all;
  std::set<std::string> shown;
  std::vector<std::string> wrong;
  int wrong_forms = 0;
  for (const auto& [file, expected] : truth) {
    inkfield::Document document = engine.open(folder + "/" + file);
    const inkfield::Result result = session.read_page(document.page(0));
    const inkfield::PageInfo page = result.page();
    std::map<std::string, inkfield::Field> read;
    for (const inkfield::Field& field : result.fields()) read[field.id] = field;
    if (page.form_id != expected.form) {
      ++wrong_forms;
      wrong.push_back(file + ": read as " + (page.form_id.empty() ? "no form (" + page.reason + ")" : page.form_id));
    } else if (static_cast<int>(shown.size()) < kPagesShown && shown.insert(page.form_id).second) {
      show(file, page, result.fields());
    }
    for (const auto& [id, value] : expected.value) {
      // A page that was not recognised counts each of its fields as not right and not accepted.
      const auto found = read.find(id);
      const bool known = page.form_id == expected.form && found != read.end();
      const inkfield::Field field = known ? found->second : inkfield::Field{};
      const bool right = known && (field.normalized.empty() ? field.text : field.normalized) == value;
      const bool accepted = known && (field.state == INKFIELD_FIELD_ACCEPTED || field.state == INKFIELD_FIELD_EMPTY);
      const char* kind = !known                                            ? "not found"
                         : field.kind == INKFIELD_KIND_HANDWRITTEN_NUMBER ? "handwritten numbers"
                         : field.kind == INKFIELD_KIND_PRINTED_TEXT       ? "printed text"
                                                                          : "check boxes";
      for (Count* count : {&all, &by_kind[kind]}) {
        ++count->fields;
        count->right += right ? 1 : 0;
        count->accepted += accepted ? 1 : 0;
        count->accepted_wrong += accepted && !right ? 1 : 0;
      }
      if (known && !right) {
        wrong.push_back(file + ": " + id + " read \"" + field.text + "\" for \"" + value + "\" (" + name_of(field.state) + ")");
      }
    }
  }

  if (!wrong.empty()) std::cout << "\nnot right:\n";
  for (const std::string& line : wrong) std::cout << "  " << line << '\n';
  std::printf("\n%zu pages, %d of them taken for another form or none\n", truth.size(), wrong_forms);
  for (const auto& [kind, count] : by_kind) {
    std::printf("  %-20s %4d fields, %4d right, %4d accepted, %d accepted wrong\n", kind.c_str(), count.fields, count.right,
                count.accepted, count.accepted_wrong);
  }
  print_share("right as first reading", all.right, all.fields, "(at least 99 %)");
  print_share("accepted (empty ones included)", all.accepted, all.fields, "(at least 90 %)");
  print_share("accepted wrong", all.accepted_wrong, all.fields, "(none)");
  const bool good = all.fields >= kLeastFields && all.right >= kLeastRight * all.fields &&
                    all.accepted >= kLeastAccepted * all.fields && all.accepted_wrong == 0;
  if (!good) std::cout << "below the bounds that these samples are to reach\n";
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 || std::string(argv[1]) != "--templates") {
    std::cerr << "usage: inkfield-read-samples --templates FILE_OR_FOLDER PAGES\n";
    return 2;
  }
  try {
    return run(argv[2], argv[3]);
  } catch (const std::exception& error) {
    std::cerr << "inkfield-read-samples: " << error.what() << '\n';
    return 2;
  }
}
