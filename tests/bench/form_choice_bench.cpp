// Which form is it, and where? Counts right, wrong and accepted foreign pages over a family of drawn forms, how far the
// fields lie from where they really are, and what that takes beside decoding the page's PNG, in the same run.
#include <leptonica/allheaders.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "plugin/pipeline/form_registration.h"
#include "tests/bench/form_family.h"
#include "tests/bench/form_pages.h"

namespace inkfield::bench {
namespace {

using page::GrayImage;
using page::Point;

constexpr std::uint64_t kKnownFamily = 11;
constexpr std::uint64_t kForeignFamily = 77;

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double at_share(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

struct Loaded {
  std::vector<FamilyForm> forms;
  std::vector<std::unique_ptr<pipeline::FormReference>> references;
  pipeline::FormIndex index;
  double seconds = 0;

  explicit Loaded(int count) {
    for (int i = 0; i < count; ++i) {
      forms.push_back(family_form(i, kKnownFamily));
      const GrayImage blank = forms.back().found_by == FoundBy::blank_picture ? blank_picture(forms.back(), 8) : GrayImage{};
      const double start = thread_seconds();
      references.push_back(std::make_unique<pipeline::FormReference>(forms.back().form, blank));
      index.add(*references.back());
      seconds += thread_seconds() - start;
    }
  }
};

PIX* pix_of(const GrayImage& gray) {
  PIX* pix = pixCreate(gray.width_px, gray.height_px, 8);
  for (int y = 0; y < gray.height_px; ++y) {
    l_uint32* line = pixGetData(pix) + static_cast<std::ptrdiff_t>(y) * pixGetWpl(pix);
    for (int x = 0; x < gray.width_px; ++x) SET_DATA_BYTE(line, x, gray.at(x, y));
  }
  return pix;
}

double decode_seconds(const GrayImage& gray) {
  PIX* pix = pix_of(gray);
  l_uint8* bytes = nullptr;
  std::size_t size = 0;
  pixWriteMemPng(&bytes, &size, pix, 0);
  pixDestroy(&pix);
  std::vector<double> times;
  for (int i = 0; i < 3; ++i) {
    const double start = thread_seconds();
    PIX* again = pixReadMemPng(bytes, size);
    times.push_back(thread_seconds() - start);
    pixDestroy(&again);
  }
  lept_free(bytes);
  return at_share(times, 0.5);
}

void save(const GrayImage& gray, const std::string& path) {
  PIX* pix = pix_of(gray);
  pixWritePng(path.c_str(), pix, 0);
  pixDestroy(&pix);
}

struct Tally {
  int pages = 0;
  int right = 0;
  int wrong = 0;
  int ambiguous = 0;
  std::vector<double> misses_mm;
};

// How far each field's corners lie from the truth, root mean square, in millimetres of the form.
void measure_misses(const config::FormTemplate& form, const pipeline::FormMatch& match, const SentPage& page, std::vector<double>& misses) {
  const page::Transform mm_from_px = page.px_from_mm.inverse();
  for (std::size_t i = 0; i < form.fields.size(); ++i) {
    const config::RectMm& zone = form.fields[i].zone;
    double sum = 0;
    for (const Point& corner : page::rectangle(zone.x_mm, zone.y_mm, zone.right_mm(), zone.bottom_mm())) {
      const Point mm = mm_from_px(match.registered.at_field(i).source_px_from_mm(corner));
      sum += (mm.x - corner.x) * (mm.x - corner.x) + (mm.y - corner.y) * (mm.y - corner.y);
    }
    misses.push_back(std::sqrt(sum / 4));
  }
}

void count_pages(int templates, int pages, int foreign, std::uint64_t seed, const std::string& keep, const std::string& list, const std::vector<int>& only) {
  const Loaded loaded(templates);
  std::array<Tally, 4> by_severity;
  Tally scans;
  Tally photographs;
  Tally strangers;
  std::vector<double> seconds;
  std::vector<double> ratios;
  std::ofstream table;
  if (!list.empty()) table.open(list);
  for (int p = 0; p < pages; ++p) {
    if (!only.empty() && std::find(only.begin(), only.end(), p) == only.end()) continue;
    const bool known = p >= foreign;
    const int severity = p % 4;
    // Revisions are two in ten forms and so are they here.
    const int number = known ? (p * 37 + 5 + static_cast<int>(seed) * 13) % templates : p;
    const FamilyForm& form = known ? loaded.forms[static_cast<std::size_t>(number)] : family_form(number, kForeignFamily);
    const SentPage page = send_page(form, severity, 0, seed * 100'000 + static_cast<std::uint64_t>(p));
    const double start = thread_seconds();
    const pipeline::PageEvidence evidence(page.gray);
    const pipeline::FormMatch match = pipeline::choose_form(evidence, loaded.index, [] {});
    seconds.push_back(thread_seconds() - start);
    Tally& tally = known ? by_severity[static_cast<std::size_t>(severity)] : strangers;
    ++tally.pages;
    const bool sure = match.form_index >= 0 && match.rival_index < 0;
    const bool right = known ? sure && match.form_index == number : match.form_index < 0;
    std::string verdict = "right";
    if (right) ++tally.right;
    else if (sure) ++tally.wrong, verdict = "WRONG";
    else if (match.form_index >= 0) ++tally.ambiguous, verdict = "ambiguous";
    else verdict = "not found";
    std::vector<double> misses;
    if (known && right) {
      measure_misses(form.form, match, page, misses);
      auto& all = page.photographed ? photographs.misses_mm : scans.misses_mm;
      all.insert(all.end(), misses.begin(), misses.end());
    }
    if (table) {
      table << p << "," << (known ? "known" : "foreign") << "," << number << "," << static_cast<int>(form.found_by) << "," << page.how << "," << verdict << "," << match.form_index << ","
            << match.rival_index << ", match " << match.registered.match << ", evidence " << match.evidence << ", residual " << match.registered.residual_mm << ", worst miss " << at_share(misses, 1) << ", "
            << seconds.back() * 1000 << " ms, " << match.reason << "\n" << std::flush;
    }
    if (!keep.empty() && (!right || at_share(misses, 1) > 0.6)) save(page.gray, keep + "/page" + std::to_string(p) + ".png");
  }
  std::printf("%d templates loaded in %.1f ms each\n", templates, loaded.seconds / templates * 1000);
  int right = 0;
  int all = 0;
  for (std::size_t s = 0; s < by_severity.size(); ++s) {
    const Tally& t = by_severity[s];
    std::printf("severity %zu: %d pages, right %d, ambiguous %d, wrong %d, not found %d\n", s, t.pages, t.right, t.ambiguous, t.wrong, t.pages - t.right - t.ambiguous - t.wrong);
    right += t.right;
    all += t.pages;
  }
  std::printf("known pages right: %d of %d (%.2f %%)\n", right, all, all > 0 ? 100.0 * right / all : 0.0);
  std::printf("foreign pages accepted: %d of %d\n", strangers.pages - strangers.right, strangers.pages);
  std::printf("fields' distance from the truth, 95th percentile: scans %.3f mm (%zu fields), photographs %.3f mm (%zu fields)\n", at_share(scans.misses_mm, 0.95), scans.misses_mm.size(),
              at_share(photographs.misses_mm, 0.95), photographs.misses_mm.size());
  std::printf("form choice, median %.1f ms\n", at_share(seconds, 0.5) * 1000);
}

void time_choice(const std::vector<int>& counts, int pages) {
  const Loaded loaded(*std::max_element(counts.begin(), counts.end()));
  std::vector<SentPage> sent;
  std::vector<double> decoding;
  for (int p = 0; static_cast<int>(sent.size()) < pages; ++p) {
    const FamilyForm& form = loaded.forms[static_cast<std::size_t>(p) % loaded.forms.size()];
    if (form.form.height_mm < 290) continue;
    sent.push_back(send_page(form, 1, 300, static_cast<std::uint64_t>(900 + p)));
    decoding.push_back(decode_seconds(sent.back().gray));
  }
  std::printf("A4, 300 dpi, 8-bit gray; decoding the PNG: %.1f ms (median)\n", at_share(decoding, 0.5) * 1000);
  for (const int count : counts) {
    pipeline::FormIndex index;
    for (int i = 0; i < count; ++i) index.add(*loaded.references[static_cast<std::size_t>(i)]);
    std::vector<double> ratios;
    std::vector<double> seeing;
    for (std::size_t p = 0; p < sent.size(); ++p) {
      const double start = thread_seconds();
      const pipeline::PageEvidence evidence(sent[p].gray);
      const double seen = thread_seconds();
      const pipeline::FormMatch match = pipeline::choose_form(evidence, index, [] {});
      ratios.push_back((thread_seconds() - start) / decoding[p]);
      seeing.push_back((seen - start) / decoding[p]);
    }
    std::printf("%4d templates: form choice over decoding, median %.2f (of which the page's evidence %.2f), worst %.2f\n", count, at_share(ratios, 0.5), at_share(seeing, 0.5), at_share(ratios, 1));
  }
}

}  // namespace
}  // namespace inkfield::bench

int main(int argc, char** argv) {
  CLI::App app{"Form choice and registration over drawn forms"};
  int templates = 200;
  int pages = 500;
  int foreign = -1;
  std::uint64_t seed = 1;
  int timed = 20;
  std::string keep;
  std::string list;
  std::string dump;
  bool no_counts = false;
  std::vector<int> only;
  app.add_option("--templates", templates, "templates loaded");
  app.add_option("--pages", pages, "pages sent");
  app.add_option("--foreign", foreign, "of them pages of forms that are not loaded (default: one in five)");
  app.add_option("--seed", seed, "of the pages");
  app.add_option("--timed", timed, "pages timed; 0: none");
  app.add_option("--keep", keep, "folder for the pages that went wrong");
  app.add_option("--list", list, "file for one line a page");
  app.add_option("--dump", dump, "folder: write the first pages and end");
  app.add_option("--only", only, "these pages only, by their numbers in the list");
  app.add_flag("--no-counts", no_counts, "times only");
  CLI11_PARSE(app, argc, argv);
  try {
    if (!dump.empty()) {
      for (int p = 0; p < pages; ++p) inkfield::bench::save(inkfield::bench::send_page(inkfield::bench::family_form(p, 11), p % 4, 0, static_cast<std::uint64_t>(p)).gray, dump + "/p" + std::to_string(p) + ".png");
      return 0;
    }
    if (!no_counts) inkfield::bench::count_pages(templates, pages, foreign >= 0 ? foreign : pages / 5, seed, keep, list, only);
    if (timed > 0) inkfield::bench::time_choice({1, 50, 200, 500}, timed);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "inkfield-form-bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
