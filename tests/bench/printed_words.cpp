// inkfield-printed-words: words of scanned forms (FUNSD) or lines of receipts (SROIE), each read as a field
// of its own by our reader of printed text and by Tesseract alone, in one run, on one thread.
//
//   inkfield-printed-words [--data FOLDER] [--part training_data|testing_data] [--every N] [--pages all|even|odd] [--ours [--room SHARE]] [--json]
//   inkfield-printed-words --receipts [--data FOLDER] [--every N] [--pages all|even|odd] [--ours [--room SHARE]] [--json]
//   inkfield-printed-words --numbers [--data FOLDER] [--part training_data|testing_data] [--keep FOLDER]
//   inkfield-printed-words --fit [--data FOLDER] [--every N]
//
// FOLDER defaults to INKFIELD_DATA. Every word box is one field; what is read must be the word that the set's
// authors wrote down, exactly, ends trimmed. The authors of the receipts wrote capitals for all letters:
// there a letter's case does not count. Our side cuts the box out of the page as the pipeline does (the
// page's scale known). Tesseract alone gets the box's pixels, each page mode that could suit tried and the
// best one counted; its object is kept open, as ours is; its command line's default page mode (3) is shown
// beside. Times are processor time, so that a busy machine does not count. Of our confidences it says how
// many words they let pass at an allowed wrong rate of 1 and 5 %, how many of those are wrong, and the
// calibration error; --ours leaves Tesseract alone out, and --room adds so much of a box's height as bare
// paper above and below it, as zones of templates leave room. --fit prints the curve of free text
// (adapters/engines/tesseract/reading_curves.cpp), fitted on the even pages of training_data, so that
// `--part training_data --pages odd --ours` checks it. --keep FOLDER keeps a picture of every number accepted
// wrong.

#include <leptonica/allheaders.h>
#include <tesseract/baseapi.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "adapters/engines/leptonica/image_files.h"
#include "adapters/engines/tesseract/reading_curves.h"
#include "adapters/engines/tesseract/printed_text.h"
#include "plugin/pipeline/field_cropping.h"
#include "tests/bench/reading_curve.h"
#include "tests/bench/two_readings.h"

extern "C" void omp_set_max_active_levels(int levels);

namespace {

namespace fs = std::filesystem;
using namespace inkfield;

// FUNSD's pages are letter paper at about 100 dots per inch: 754 pixels wide.
constexpr double kPagePxPerMm = 754 / 215.9;
// Nobody wrote down at what scale the receipts were scanned; this tells how thick a printed line may be.
constexpr double kReceiptPxPerMm = 6;

struct Word {
  std::size_t page = 0;
  int left = 0, top = 0, right = 0, bottom = 0;
  std::string text;
};

struct Words {
  std::string set;
  double px_per_mm = kPagePxPerMm;
  bool in_capitals = false;  ///< whatever stands on the paper
  std::vector<page::GrayImage> pages;
  std::vector<Word> words;
};

std::string trimmed(std::string text) {
  const auto blank = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'; };
  while (!text.empty() && blank(text.back())) text.pop_back();
  text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), blank));
  return text;
}

page::GrayImage gray_page(const fs::path& file) {
  const page::DecodedImage image = leptonica::open_image_file(file.string())->decode(0, 100'000'000);
  page::GrayImage gray(image.width_px, image.height_px);
  for (std::size_t i = 0; i < gray.pixels.size(); ++i) {
    if (image.channels == 1) {
      gray.pixels[i] = image.pixels[i];
    } else {
      const std::uint8_t* const p = image.pixels.data() + 3 * i;
      gray.pixels[i] = static_cast<std::uint8_t>((299 * p[0] + 587 * p[1] + 114 * p[2]) / 1000);
    }
  }
  return gray;
}

/// The words that the set's authors marked on a page.
std::vector<Word> words_of_form(const fs::path& annotation) {
  std::ifstream stream(annotation);
  const nlohmann::json document = nlohmann::json::parse(stream);
  std::vector<Word> words;
  for (const auto& entity : document.at("form")) {
    for (const auto& word : entity.at("words")) {
      const auto& box = word.at("box");
      words.push_back({0, box.at(0), box.at(1), box.at(2), box.at(3), trimmed(word.at("text"))});
    }
  }
  return words;
}

/// Rows of eight numbers, the corners from the upper left on round the line, and the text, which may hold
/// commas.
std::vector<Word> lines_of_receipt(const fs::path& table) {
  std::ifstream stream(table);
  std::vector<Word> lines;
  std::string row;
  while (std::getline(stream, row)) {
    std::array<int, 8> at{};
    std::size_t begin = 0;
    std::size_t found = 0;
    for (; found < at.size(); ++found) {
      const std::size_t comma = row.find(',', begin);
      if (comma == std::string::npos) break;
      at[found] = std::atoi(row.c_str() + begin);
      begin = comma + 1;
    }
    if (found < at.size()) continue;
    lines.push_back({0, std::min(at[0], at[6]), std::min(at[1], at[3]), std::max(at[2], at[4]),
                     std::max(at[5], at[7]), trimmed(row.substr(begin))});
  }
  return lines;
}

std::string capitals(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

/// Every `every`th word; `pages`: 0 or 1 takes the pages of that remainder by two, another number all.
/// `words_in` reads a file of `marked`; the page it belongs to lies in `pictures`, with that ending.
template <class WordsIn>
void read_words(const fs::path& marked, const WordsIn& words_in, const fs::path& pictures, const char* ending,
                int every, int pages, Words& all) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(marked)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  int count = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if ((pages == 0 || pages == 1) && static_cast<int>(i % 2) != pages) continue;
    std::vector<Word> here;
    for (Word& word : words_in(files[i])) {
      if (word.text.empty() || word.right - word.left < 3 || word.bottom - word.top < 3) continue;
      word.page = all.pages.size();
      if (count++ % every == 0) here.push_back(std::move(word));
    }
    if (here.empty()) continue;
    all.pages.push_back(gray_page(pictures / (files[i].stem().string() + ending)));
    all.words.insert(all.words.end(), here.begin(), here.end());
  }
}

Words words_of_forms(const fs::path& data, const std::string& part, int every, int pages) {
  Words all;
  all.set = "FUNSD " + part;
  read_words(data / "funsd" / part / "annotations", words_of_form, data / "funsd" / part / "images", ".png",
             every, pages, all);
  return all;
}

Words lines_of_receipts(const fs::path& data, int every, int pages) {
  Words all;
  all.set = "SROIE";
  all.px_per_mm = kReceiptPxPerMm;
  all.in_capitals = true;
  read_words(data / "sroie_sub" / "box", lines_of_receipt, data / "sroie_sub" / "img", ".jpg", every, pages,
             all);
  return all;
}

bool is_right(const Words& words, const Word& word, const std::string& read) {
  return words.in_capitals ? capitals(read) == capitals(word.text) : read == word.text;
}

struct Measured {
  std::string name;
  int right = 0;
  double ms = 0;
};

template <class ReadWord>
Measured measure(std::string name, const Words& words, const ReadWord& read) {
  Measured measured{std::move(name), 0, 0};
  const std::clock_t begin = std::clock();
  for (const Word& word : words.words) measured.right += is_right(words, word, read(word)) ? 1 : 0;
  measured.ms = 1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / static_cast<double>(std::max<std::size_t>(1, words.words.size()));
  return measured;
}

struct OwnReading {
  std::string text;
  double confidence = 0;
  bool right = false;
};

page::RegisteredForm page_as_it_is(double px_per_mm) {
  page::RegisteredForm registered;
  registered.source_px_from_mm = page::Transform::scale_shift(px_per_mm, px_per_mm, 0, 0);
  registered.scale_px_per_mm = px_per_mm;
  return registered;
}

config::Field field_of(const Word& word, double px_per_mm, config::FieldKind kind) {
  config::Field field;
  field.kind = kind;
  field.zone = {word.left / px_per_mm, word.top / px_per_mm, (word.right - word.left) / px_per_mm,
                (word.bottom - word.top) / px_per_mm};
  return field;
}

/// The crop of a box with so much of its height as bare paper above and below.
page::FieldCrop with_room(const page::FieldCrop& crop, double share) {
  const int top = std::clamp(static_cast<int>(std::floor(crop.zone.top)), 0, crop.gray.height_px);
  const int bottom = std::clamp(static_cast<int>(std::ceil(crop.zone.bottom)), top, crop.gray.height_px);
  const int room = static_cast<int>(std::lround(share * (bottom - top)));
  std::array<std::size_t, 256> counts{};
  for (int y = top; y < bottom; ++y) {
    for (int x = 0; x < crop.gray.width_px; ++x) ++counts[crop.gray.at(x, y)];
  }
  const auto paper =
      static_cast<std::uint8_t>(std::max_element(counts.begin(), counts.end()) - counts.begin());
  page::FieldCrop result = crop;
  result.gray = page::GrayImage(crop.gray.width_px, bottom - top + 2 * room, paper);
  for (int y = top; y < bottom; ++y)
    std::copy_n(crop.gray.row(y), crop.gray.width_px, result.gray.row(y - top + room));
  result.zone.top = 0;
  result.zone.bottom = result.gray.height_px;
  return result;
}

/// `plain_figures`: the confidences are Tesseract's figures over 100. `room`: see with_room.
Measured measure_ours(const Words& words, bool plain_figures, double room,
                      std::vector<OwnReading>& readings) {
  inkfield::tesseract::PrintedTextSettings settings;
  settings.tessdata_folder = inkfield::tesseract::find_tessdata("", "eng");
  settings.plain_figures = plain_figures;
  const std::unique_ptr<page::FieldReader> reader = inkfield::tesseract::make_printed_text_reader(settings);
  const page::RegisteredForm registered = page_as_it_is(words.px_per_mm);
  const auto read = [&](const Word& word) {
    config::Field field = field_of(word, words.px_per_mm, config::FieldKind::printed_text);
    field.format.type = config::FormatType::text;
    const page::FieldCrop crop = pipeline::crop_field(words.pages[word.page], registered, field);
    return reader->read(room > 0 ? with_room(crop, room) : crop, {});
  };
  // Tesseract's object is kept open by both: it is made with the first word, which is not counted.
  if (!words.words.empty()) read(words.words.front());
  return measure("Inkfield", words, [&](const Word& word) {
    const page::Reading reading = read(word);
    readings.push_back({reading.raw_text, reading.confidence, is_right(words, word, reading.raw_text)});
    return reading.raw_text;
  });
}

struct Passed {
  double allowed_wrong_rate = 0;
  int words = 0;
  int wrong = 0;
};

Passed passed_at(double allowed_wrong_rate, const std::vector<OwnReading>& readings) {
  Passed passed{allowed_wrong_rate};
  for (const OwnReading& reading : readings) {
    if (reading.text.empty() || reading.confidence < 1 - allowed_wrong_rate) continue;
    ++passed.words;
    passed.wrong += reading.right ? 0 : 1;
  }
  return passed;
}

/// The mean distance between confidence and share of right words, over ten equal ranges of confidence.
double calibration_error(const std::vector<OwnReading>& readings) {
  std::array<double, 10> distance{};
  for (const OwnReading& reading : readings) distance.at(std::min<std::size_t>(9, static_cast<std::size_t>(10 * reading.confidence))) += reading.confidence - (reading.right ? 1 : 0);
  double sum = 0;
  for (const double one : distance) sum += std::abs(one);
  return sum / static_cast<double>(std::max<std::size_t>(1, readings.size()));
}

/// Words read in one piece only: those in several are several words.
std::vector<bench::CurvePoint> curve_points(const std::vector<OwnReading>& readings, bool plain) {
  std::vector<bench::CurvePoint> points;
  for (const OwnReading& reading : readings) {
    if (reading.text.empty() || reading.text.find_first_of(" \n") != std::string::npos || inkfield::tesseract::is_plain_word(reading.text) != plain) continue;
    points.push_back({100 * reading.confidence, reading.right});
  }
  return points;
}

/// The word and a margin of the page around it, four times as large, under a name that tells what is printed
/// and what was read.
void keep_picture(const Words& words, const Word& word, const std::string& read, const fs::path& folder) {
  const page::GrayImage& page = words.pages[word.page];
  constexpr int kMarginPx = 12;
  const int left = std::clamp(word.left - kMarginPx, 0, page.width_px - 1);
  const int top = std::clamp(word.top - kMarginPx, 0, page.height_px - 1);
  const int right = std::clamp(word.right + kMarginPx, left + 1, page.width_px);
  const int bottom = std::clamp(word.bottom + kMarginPx, top + 1, page.height_px);
  PIX* cut = pixCreate(right - left, bottom - top, 8);
  if (cut == nullptr) throw std::runtime_error("no memory for a picture");
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) pixSetPixel(cut, x - left, y - top, page.row(y)[x]);
  }
  PIX* large = pixExpandReplicate(cut, 4);
  const std::string file =
      folder / (word.text + "_read_" + read + "_page" + std::to_string(word.page) + ".png");
  const int failed = pixWrite(file.c_str(), large, IFF_PNG);
  pixDestroy(&large);
  pixDestroy(&cut);
  if (failed != 0) throw std::runtime_error("cannot write " + file);
}

/// Words of three figures and more, each in a field for a number of its length.
/// Pictures of those accepted wrong go into the folder `keep`, unless that is "".
void compare_numbers(const Words& words, const fs::path& keep) {
  bench::TwoReaders both;
  bench::Comparison comparison;
  const page::RegisteredForm registered = page_as_it_is(words.px_per_mm);
  for (const Word& word : words.words) {
    if (word.text.size() < 3 || !std::all_of(word.text.begin(), word.text.end(), [](char c) { return c >= '0' && c <= '9'; })) continue;
    config::Field field = field_of(word, words.px_per_mm, config::FieldKind::printed_number);
    field.format.type = config::FormatType::digits;
    field.format.min_length = field.format.max_length = static_cast<int>(word.text.size());
    const bench::TwoReadings readings =
        both.read(pipeline::crop_field(words.pages[word.page], registered, field));
    comparison.add(readings, word.text);
    const std::string read = bench::text_of(readings.together);
    if (!keep.empty() && bench::accepted(readings.together) && read != word.text)
      keep_picture(words, word, read, keep);
  }
  comparison.print(config::Field().allowed_wrong_rate);
}

Measured measure_alone(const Words& words, ::tesseract::TessBaseAPI& api, ::tesseract::PageSegMode mode, const char* name) {
  api.SetPageSegMode(mode);
  return measure(name, words, [&](const Word& word) {
    const page::GrayImage& page = words.pages[word.page];
    const int left = std::clamp(word.left, 0, page.width_px - 1);
    const int top = std::clamp(word.top, 0, page.height_px - 1);
    const int right = std::clamp(word.right, left + 1, page.width_px);
    const int bottom = std::clamp(word.bottom, top + 1, page.height_px);
    api.SetImage(page.row(top) + left, right - left, bottom - top, 1, page.width_px);
    api.SetSourceResolution(100);
    const std::unique_ptr<char[]> text(api.GetUTF8Text());
    return trimmed(text ? text.get() : "");
  });
}

int run(int argc, char** argv) {
  const char* const from_environment = std::getenv("INKFIELD_DATA");
  fs::path data = from_environment == nullptr ? "" : from_environment;
  std::string part;
  int every = 1;
  int pages = -1;
  bool fit = false;
  bool ours_only = false;
  bool json = false;
  bool numbers = false;
  bool receipts = false;
  double room = 0;
  fs::path keep;
  for (int i = 1; i < argc; ++i) {
    const bool more = i + 1 < argc;
    if (std::strcmp(argv[i], "--json") == 0) {
      json = true;
    } else if (std::strcmp(argv[i], "--fit") == 0) {
      fit = true;
    } else if (std::strcmp(argv[i], "--ours") == 0) {
      ours_only = true;
    } else if (std::strcmp(argv[i], "--numbers") == 0) {
      numbers = true;
    } else if (std::strcmp(argv[i], "--receipts") == 0) {
      receipts = true;
    } else if (more && std::strcmp(argv[i], "--data") == 0) {
      data = argv[++i];
    } else if (more && std::strcmp(argv[i], "--room") == 0 && std::atof(argv[i + 1]) > 0 &&
               std::atof(argv[i + 1]) < 10) {
      room = std::atof(argv[++i]);
    } else if (more && std::strcmp(argv[i], "--keep") == 0) {
      keep = argv[++i];
    } else if (more && std::strcmp(argv[i], "--part") == 0 &&
               (std::strcmp(argv[i + 1], "training_data") == 0 ||
                std::strcmp(argv[i + 1], "testing_data") == 0)) {
      part = argv[++i];
    } else if (more && std::strcmp(argv[i], "--pages") == 0 &&
               (std::strcmp(argv[i + 1], "all") == 0 || std::strcmp(argv[i + 1], "even") == 0 ||
                std::strcmp(argv[i + 1], "odd") == 0)) {
      const std::string which = argv[++i];
      pages = which == "even" ? 0 : which == "odd" ? 1 : -1;
    } else if (more && std::strcmp(argv[i], "--every") == 0 && std::atoi(argv[i + 1]) > 0) {
      every = std::atoi(argv[++i]);
    } else {
      std::cerr
          << "usage: inkfield-printed-words [--data FOLDER] [--part training_data|testing_data] [--every N] "
             "[--pages all|even|odd] [--ours [--room SHARE]] [--json]\n"
             "       inkfield-printed-words --receipts [--data FOLDER] [--every N] [--pages all|even|odd] "
             "[--ours [--room SHARE]] [--json]\n"
             "       inkfield-printed-words --numbers [--data FOLDER] [--part training_data|testing_data] "
             "[--keep FOLDER]\n"
             "       inkfield-printed-words --fit [--data FOLDER] [--every N]\n";
      return 2;
    }
  }
  if (receipts && (fit || numbers || !part.empty())) {
    std::cerr << "inkfield-printed-words: --part, --fit and --numbers are for words of forms; leave --receipts out\n";
    return 2;
  }
  if (fit && (numbers || !part.empty() || pages >= 0)) {
    std::cerr << "inkfield-printed-words: --fit takes the even pages of training_data; leave --part, --pages and --numbers out\n";
    return 2;
  }
  if (!keep.empty() && !numbers) {
    std::cerr << "inkfield-printed-words: --keep takes the numbers accepted wrong; give --numbers, too\n";
    return 2;
  }
  if (room > 0 && !ours_only) {
    std::cerr << "inkfield-printed-words: --room is for our reader alone; give --ours, too\n";
    return 2;
  }
  if (part.empty()) part = fit ? "training_data" : "testing_data";
  const fs::path set = receipts ? fs::path("sroie_sub") : fs::path("funsd") / part;
  if (!fs::is_directory(data / set)) {
    std::cerr << "inkfield-printed-words: no " << set.string()
              << " in the data folder; set INKFIELD_DATA or give --data\n";
    return 2;
  }
  setMsgSeverity(L_SEVERITY_NONE);
  const Words words =
      receipts ? lines_of_receipts(data, every, pages) : words_of_forms(data, part, every, fit ? 0 : pages);
  omp_set_max_active_levels(0);  // Tesseract's loops ask for threads of their own; only this stops them
  if (numbers) {
    if (!keep.empty()) fs::create_directories(keep);
    compare_numbers(words, keep);
    return 0;
  }
  std::vector<OwnReading> readings;
  if (fit) {
    measure_ours(words, true, 0, readings);
    std::printf("// inkfield-printed-words --fit --every %d: %zu words\n", every, words.words.size());
    const std::vector<double> from = {-1, 10, 30, 50, 70, 80, 86, 90, 93, 95, 96, 96.5};
    bench::print_curve("kPlainWords", from, curve_points(readings, true));
    bench::print_curve("kOtherWords", from, curve_points(readings, false));
    return 0;
  }
  const Measured ours = measure_ours(words, false, room, readings);
  const std::array passed = {passed_at(0.01, readings), passed_at(0.05, readings)};
  std::vector<Measured> all = {ours};
  Measured best;
  if (!ours_only) {
    ::tesseract::TessBaseAPI api;
    if (api.Init(nullptr, "eng", ::tesseract::OEM_LSTM_ONLY) != 0) {
      std::cerr << "inkfield-printed-words: Tesseract's data for \"eng\" is not there\n";
      return 2;
    }
    api.SetVariable("debug_file", "/dev/null");
    all.push_back(measure_alone(words, api, ::tesseract::PSM_SINGLE_BLOCK, "Tesseract alone, one block (6)"));
    all.push_back(measure_alone(words, api, ::tesseract::PSM_SINGLE_LINE, "Tesseract alone, one line (7)"));
    all.push_back(measure_alone(words, api, ::tesseract::PSM_SINGLE_WORD, "Tesseract alone, one word (8)"));
    all.push_back(measure_alone(words, api, ::tesseract::PSM_RAW_LINE, "Tesseract alone, raw line (13)"));
    best = *std::max_element(all.begin() + 1, all.end(), [](const Measured& a, const Measured& b) { return a.right < b.right; });
    all.push_back(measure_alone(words, api, ::tesseract::PSM_AUTO, "its command line's default mode (3)"));
  }
  const auto share = [&](const Measured& m) { return static_cast<double>(m.right) / static_cast<double>(std::max<std::size_t>(1, words.words.size())); };
  if (json) {
    nlohmann::ordered_json document = {{"tesseract", ::tesseract::TessBaseAPI::Version()},
                                       {"set", words.set},
                                       {"words", words.words.size()}};
    if (!ours_only) {
      document["best_alone"] = best.name;
      document["points_better"] = 100 * (share(ours) - share(best));
      document["time_ratio"] = ours.ms / best.ms;
    }
    for (const Passed& p : passed) document["accepted"].push_back({{"allowed_wrong_rate", p.allowed_wrong_rate}, {"words", p.words}, {"wrong", p.wrong}});
    document["calibration_error"] = calibration_error(readings);
    for (const Measured& m : all) document["readers"].push_back({{"name", m.name}, {"right", m.right}, {"right_rate", share(m)}, {"cpu_ms_per_word", m.ms}});
    std::cout << document.dump(2) << '\n';
  } else {
    std::printf("Tesseract %s, %s, %zu %s as fields, exact matches\n", ::tesseract::TessBaseAPI::Version(),
                words.set.c_str(), words.words.size(), words.in_capitals ? "lines" : "words");
    for (const Measured& m : all) std::printf("%-38s %6.2f %%  (%d)  %6.2f ms\n", m.name.c_str(), 100 * share(m), m.right, m.ms);
    for (const Passed& p : passed) std::printf("accepted at an allowed wrong rate of %g %%: %d, wrong %d\n", 100 * p.allowed_wrong_rate, p.words, p.wrong);
    std::printf("calibration error %.4f\n", calibration_error(readings));
    if (!ours_only) std::printf("beside the best of them, \"%s\": %+.2f points, %.2f times its time\n", best.name.c_str(), 100 * (share(ours) - share(best)), ours.ms / best.ms);
  }
  return std::cout.flush() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "inkfield-printed-words: " << error.what() << '\n';
    return 1;
  }
}
