// inkfield-read-samples DIR: a small complete host. It loads the plugin as any capture program would, reads every page
// that DIR/truth.csv names, shows some of what came out, and counts how much of it is right.
//
// Exit status: 0 all bounds kept, 1 a bound missed, 2 usage or set-up.
#include <inkfield/inkfield.hpp>

#include <cstdio>
#include <cstring>
#include <exception>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "examples/sample_reader/truth_file.h"

namespace {

// What the samples promise: shares of all fields, and no wrong one accepted.
constexpr double kLeastRight = 0.99;
constexpr double kLeastAccepted = 0.90;
constexpr int kMostAcceptedWrong = 0;

struct Counts {
  int fields = 0;
  int right = 0;           ///< first reading right, accepted or not
  int accepted = 0;        ///< no person needed: accepted, or empty as an optional field may be
  int accepted_wrong = 0;
};

const char* state_name(inkfield_field_state state) {
  switch (state) {
    case INKFIELD_FIELD_ACCEPTED:
      return "accepted";
    case INKFIELD_FIELD_REVIEW:
      return "review";
    case INKFIELD_FIELD_EMPTY:
      return "empty";
    default:
      return "failed";
  }
}

bool is_right(const inkfield::Field& field, const TrueField& truth) {
  if (field.state == INKFIELD_FIELD_FAILED) {
    return false;
  }
  return same_value(field.normalized.empty() ? field.text : field.normalized, truth.normalized);
}

void print_row(const char* field, const char* read, const char* state, double confidence, const char* note) {
  std::printf("  %-24s %-16s %-10s %5.1f %%  %s\n", field, read, state, confidence * 100, note);
}

struct Options {
  std::string folder;
  std::string templates = INKFIELD_SAMPLE_FORMS;
  std::string library;
  bool verbose = false;  ///< every field that was not both right and accepted
};

int read_samples(const Options& options) {
  const std::vector<TruePage> pages = read_truth(options.folder + "/truth.csv");
  const inkfield::Library library =
      inkfield::Library::load(options.library.empty() ? inkfield::find_library() : options.library);
  inkfield::EngineOptions engine_options;
  engine_options.template_paths = {options.templates};
  engine_options.strict = true;
  const inkfield::Engine engine(library, engine_options);
  inkfield::Session session(engine);

  Counts all;
  std::map<std::string, Counts> by_kind;
  std::set<std::string> shown;
  int unread_pages = 0;
  for (const TruePage& page : pages) {
    inkfield::Document document = engine.open(options.folder + "/" + page.file);
    const inkfield::Result result = session.read_page(document.page(0));
    const inkfield::PageInfo info = result.page();
    const bool known = info.state == INKFIELD_PAGE_READ && info.form_id == page.form;
    if (!known) {
      ++unread_pages;
      std::printf("%s: %s\n", page.file.c_str(), info.form_id.empty() ? info.reason.c_str() : info.form_id.c_str());
    }
    std::map<std::string, inkfield::Field> read;
    for (const inkfield::Field& field : result.fields()) {
      read[field.id] = field;
    }
    // The first page of each form is shown as a person would want to see it.
    const bool show = known && shown.insert(page.form).second;
    if (show) {
      std::printf("%s  (%s, turned by %.1f degrees, off by %.2f mm)\n", page.file.c_str(), info.form_id.c_str(), info.rotation_degrees,
                  info.registration_residual_mm);
    }
    for (const TrueField& truth : page.fields) {
      const auto found = read.find(truth.id);
      const bool there = known && found != read.end();
      const bool right = there && is_right(found->second, truth);
      const bool accepted = there && (found->second.state == INKFIELD_FIELD_ACCEPTED || found->second.state == INKFIELD_FIELD_EMPTY);
      for (Counts* counts : {&all, &by_kind[truth.kind]}) {
        ++counts->fields;
        counts->right += right ? 1 : 0;
        counts->accepted += accepted ? 1 : 0;
        counts->accepted_wrong += accepted && !right ? 1 : 0;
      }
      if (there && show && (truth.kind != "checkbox" || truth.text == "checked")) {
        print_row(truth.id.c_str(), found->second.text.c_str(), state_name(found->second.state), found->second.confidence,
                  right ? "" : ("wrong: " + truth.text).c_str());
      }
      if (there && options.verbose && (!right || !accepted)) {
        const inkfield::Field& field = found->second;
        std::printf("! %s %s %s: read '%s' raw '%s' (%.4f of %.4f), truth '%s'; %s\n", page.file.c_str(), truth.id.c_str(),
                    state_name(field.state), field.text.c_str(), field.raw_text.c_str(), field.confidence, field.threshold,
                    truth.text.c_str(), field.reason.c_str());
      }
    }
  }
  if (all.fields == 0) {
    std::fprintf(stderr, "%s/truth.csv names no field\n", options.folder.c_str());
    return 2;
  }
  std::printf("\n%-20s %7s %18s %18s %15s\n", "", "fields", "right at first", "accepted", "accepted wrong");
  const auto summary = [](const char* name, const Counts& counts) {
    std::printf("%-20s %7d %8d (%5.2f %%) %8d (%5.2f %%) %15d\n", name, counts.fields, counts.right, 100.0 * counts.right / counts.fields,
                counts.accepted, 100.0 * counts.accepted / counts.fields, counts.accepted_wrong);
  };
  for (const auto& [kind, counts] : by_kind) {
    summary(kind.c_str(), counts);
  }
  summary("all", all);
  std::printf("%zu pages, %d not recognised as their form\n", pages.size(), unread_pages);
  const bool kept = all.right >= kLeastRight * all.fields && all.accepted >= kLeastAccepted * all.fields &&
                    all.accepted_wrong <= kMostAcceptedWrong;
  std::printf("%s: at least %.0f %% right, %.0f %% accepted, at most %d accepted wrong\n", kept ? "kept" : "MISSED", kLeastRight * 100,
              kLeastAccepted * 100, kMostAcceptedWrong);
  return kept ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--verbose") == 0) {
      options.verbose = true;
    } else if (std::strcmp(argv[i], "--templates") == 0 && i + 1 < argc) {
      options.templates = argv[++i];
    } else if (std::strcmp(argv[i], "--library") == 0 && i + 1 < argc) {
      options.library = argv[++i];
    } else if (argv[i][0] != '-' && options.folder.empty()) {
      options.folder = argv[i];
    } else {
      options.folder.clear();
      break;
    }
  }
  if (options.folder.empty()) {
    std::fprintf(stderr, "usage: inkfield-read-samples DIR [--templates DIR] [--library FILE] [--verbose]\n"
                         "DIR holds pages and their truth.csv, as inkfield-generate writes them\n");
    return 2;
  }
  try {
    return read_samples(options);
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "inkfield-read-samples: %s\n", fault.what());
    return 2;
  }
}
