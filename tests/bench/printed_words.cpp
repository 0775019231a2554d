// inkfield-printed-words: words of scanned forms (FUNSD), each read as a field of its own by our reader of printed text and by
// Tesseract alone, in one run, on one thread.
//
//   inkfield-printed-words [--data FOLDER] [--part training_data|testing_data] [--every N] [--curve FILE] [--json]
//
// FOLDER defaults to INKFIELD_DATA. Every word box is one field; what is read must be the word that the set's authors wrote down,
// exactly, ends trimmed. Our side cuts the box out of the page as the pipeline does (the page's scale known). Tesseract alone gets
// the box's pixels, each page mode that could suit tried and the best one counted; its object is kept open, as ours is; its
// command line's default page mode (3) is shown beside. Times are processor time, so that a busy machine does not
// count. --curve writes "figure,right" lines for the fit of our confidence; use it with training_data only.

#include <leptonica/allheaders.h>
#include <tesseract/baseapi.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "adapters/engines/leptonica/image_files.h"
#include "adapters/engines/tesseract/printed_text.h"
#include "plugin/pipeline/field_cropping.h"

extern "C" void omp_set_max_active_levels(int levels);

namespace {

namespace fs = std::filesystem;
using namespace inkfield;

// FUNSD's pages are letter paper at about 100 dots per inch: 754 pixels wide.
constexpr double kPagePxPerMm = 754 / 215.9;

struct Word {
  std::size_t page = 0;
  int left = 0, top = 0, right = 0, bottom = 0;
  std::string text;
};

struct Words {
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

Words read_words(const fs::path& folder, int every) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder / "annotations")) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  Words all;
  int count = 0;
  for (const fs::path& file : files) {
    std::ifstream stream(file);
    const nlohmann::json document = nlohmann::json::parse(stream);
    std::vector<Word> here;
    for (const auto& entity : document.at("form")) {
      for (const auto& word : entity.at("words")) {
        const auto& box = word.at("box");
        Word one{all.pages.size(), box.at(0), box.at(1), box.at(2), box.at(3), trimmed(word.at("text"))};
        if (one.text.empty() || one.right - one.left < 3 || one.bottom - one.top < 3) continue;
        if (count++ % every == 0) here.push_back(std::move(one));
      }
    }
    if (here.empty()) continue;
    all.pages.push_back(gray_page(folder / "images" / (file.stem().string() + ".png")));
    all.words.insert(all.words.end(), here.begin(), here.end());
  }
  return all;
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
  for (const Word& word : words.words) measured.right += read(word) == word.text ? 1 : 0;
  measured.ms = 1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / static_cast<double>(std::max<std::size_t>(1, words.words.size()));
  return measured;
}

Measured measure_ours(const Words& words, const std::string& curve) {
  inkfield::tesseract::PrintedTextSettings settings;
  settings.tessdata_folder = inkfield::tesseract::find_tessdata("", "eng");
  const std::unique_ptr<page::FieldReader> reader = inkfield::tesseract::make_printed_text_reader(settings);
  page::RegisteredForm registered;
  registered.source_px_from_mm = page::Transform::scale_shift(kPagePxPerMm, kPagePxPerMm, 0, 0);
  registered.scale_px_per_mm = kPagePxPerMm;
  std::ofstream file;
  if (!curve.empty()) file.open(curve);
  return measure("Inkfield", words, [&](const Word& word) {
    config::Field field;
    field.kind = config::FieldKind::printed_text;
    field.format.type = config::FormatType::text;
    field.zone = {word.left / kPagePxPerMm, word.top / kPagePxPerMm, (word.right - word.left) / kPagePxPerMm, (word.bottom - word.top) / kPagePxPerMm};
    const page::Reading reading = reader->read(pipeline::crop_field(words.pages[word.page], registered, field), {});
    if (!curve.empty()) file << reading.confidence << ',' << (reading.raw_text == word.text ? 1 : 0) << '\n';
    return reading.raw_text;
  });
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
  std::string part = "testing_data";
  std::string curve;
  int every = 1;
  bool json = false;
  for (int i = 1; i < argc; ++i) {
    const bool more = i + 1 < argc;
    if (std::strcmp(argv[i], "--json") == 0) {
      json = true;
    } else if (more && std::strcmp(argv[i], "--data") == 0) {
      data = argv[++i];
    } else if (more && std::strcmp(argv[i], "--part") == 0 && (std::strcmp(argv[i + 1], "training_data") == 0 || std::strcmp(argv[i + 1], "testing_data") == 0)) {
      part = argv[++i];
    } else if (more && std::strcmp(argv[i], "--curve") == 0) {
      curve = argv[++i];
    } else if (more && std::strcmp(argv[i], "--every") == 0 && std::atoi(argv[i + 1]) > 0) {
      every = std::atoi(argv[++i]);
    } else {
      std::cerr << "usage: inkfield-printed-words [--data FOLDER] [--part training_data|testing_data] [--every N] [--curve FILE] [--json]\n";
      return 2;
    }
  }
  if (!fs::is_directory(data / "funsd" / part)) {
    std::cerr << "inkfield-printed-words: no funsd/" << part << " in the data folder; set INKFIELD_DATA or give --data\n";
    return 2;
  }
  setMsgSeverity(L_SEVERITY_NONE);
  const Words words = read_words(data / "funsd" / part, every);
  omp_set_max_active_levels(0);  // Tesseract's loops ask for threads of their own; only this stops them
  ::tesseract::TessBaseAPI api;
  if (api.Init(nullptr, "eng", ::tesseract::OEM_LSTM_ONLY) != 0) {
    std::cerr << "inkfield-printed-words: Tesseract's data for \"eng\" is not there\n";
    return 2;
  }
  api.SetVariable("debug_file", "/dev/null");
  std::vector<Measured> alone;
  alone.push_back(measure_alone(words, api, ::tesseract::PSM_SINGLE_BLOCK, "Tesseract alone, one block (6)"));
  alone.push_back(measure_alone(words, api, ::tesseract::PSM_SINGLE_LINE, "Tesseract alone, one line (7)"));
  alone.push_back(measure_alone(words, api, ::tesseract::PSM_SINGLE_WORD, "Tesseract alone, one word (8)"));
  alone.push_back(measure_alone(words, api, ::tesseract::PSM_RAW_LINE, "Tesseract alone, raw line (13)"));
  const Measured ours = measure_ours(words, curve);
  const Measured defaults = measure_alone(words, api, ::tesseract::PSM_AUTO, "its command line's default mode (3)");
  const Measured best = *std::max_element(alone.begin(), alone.end(), [](const Measured& a, const Measured& b) { return a.right < b.right; });
  const auto share = [&](const Measured& m) { return static_cast<double>(m.right) / static_cast<double>(std::max<std::size_t>(1, words.words.size())); };
  std::vector<Measured> all = {ours};
  all.insert(all.end(), alone.begin(), alone.end());
  all.push_back(defaults);
  if (json) {
    nlohmann::ordered_json document = {{"tesseract", ::tesseract::TessBaseAPI::Version()}, {"part", part}, {"words", words.words.size()}, {"best_alone", best.name},
                                       {"points_better", 100 * (share(ours) - share(best))}, {"time_ratio", ours.ms / best.ms}, {"readers", nlohmann::ordered_json::array()}};
    for (const Measured& m : all) document["readers"].push_back({{"name", m.name}, {"right", m.right}, {"right_rate", share(m)}, {"cpu_ms_per_word", m.ms}});
    std::cout << document.dump(2) << '\n';
  } else {
    std::printf("Tesseract %s, FUNSD %s, %zu words as fields, exact matches\n", ::tesseract::TessBaseAPI::Version(), part.c_str(), words.words.size());
    for (const Measured& m : all) std::printf("%-38s %6.2f %%  (%d)  %6.2f ms\n", m.name.c_str(), 100 * share(m), m.right, m.ms);
    std::printf("beside the best of them, \"%s\": %+.2f points, %.2f times its time\n", best.name.c_str(), 100 * (share(ours) - share(best)), ours.ms / best.ms);
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
