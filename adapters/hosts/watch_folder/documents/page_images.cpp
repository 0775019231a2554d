// pdfinfo says what is there, pdfdetach which files are in it, pdftocairo draws. All three are from Debian's poppler-utils.
#include "adapters/hosts/watch_folder/documents/page_images.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "adapters/hosts/common/child_program.h"
#include "adapters/hosts/common/printable.h"

namespace inkfield::watch_folder {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

/// pdfinfo writes 99 where a page number is wrong, which a document without pages makes every number.
constexpr int kWrongPages = 99;

struct Size_pt {
  double width = 0;
  double height = 0;
};

struct PdfFacts {
  int pages = 0;
  bool javascript = false;
  std::map<int, Size_pt> sizes;  ///< by page number
};

/// The rest of the last line that begins with `label`: a title in the document may look like such a line, but stands before.
std::optional<std::string> told_after(const std::string& text, const std::string& label) {
  std::size_t at = text.rfind("\n" + label);
  if (at == std::string::npos) return std::nullopt;
  at += 1 + label.size();
  return text.substr(at, text.find('\n', at) - at);
}

std::string number_text(const std::string& text) {
  const std::size_t start = text.find_first_not_of(" \t");
  return start == std::string::npos ? "" : text.substr(start);
}

template <class Number>
std::optional<Number> number_at_start(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return number;
}

/// Lines like "Page    3 size:  595.28 x 841.89 pts (A4)".
void take_size(const std::string& line, PdfFacts& facts) {
  if (!line.starts_with("Page ")) return;
  const std::string rest = number_text(line.substr(5));
  const auto page = number_at_start<int>(rest);
  const std::size_t mark = rest.find(" size:");
  if (!page || mark == std::string::npos) return;
  const std::string sizes = number_text(rest.substr(mark + 6));
  const std::size_t cross = sizes.find(" x ");
  if (cross == std::string::npos) return;
  const auto width = number_at_start<double>(sizes);
  const auto height = number_at_start<double>(std::string_view(sizes).substr(cross + 3));
  if (width && height) facts.sizes[*page] = {*width, *height};
}

class Pdf {
 public:
  Pdf(const fs::path& document, const PageLimits& limits) : document_(fs::absolute(document)), limits_(limits), end_(Clock::now() + limits.time_limit) {}

  PdfFacts facts() {
    const hosts::ProgramEnd end = run({"pdfinfo", "-f", "1", "-l", std::to_string(limits_.most_pages + 1), document_.string()});
    if (end.err.find("Incorrect password") != std::string::npos) throw DocumentError("the PDF is locked by a password");
    if (end.status == kWrongPages) throw DocumentError("the PDF has no pages");
    if (end.status != 0) throw DocumentError("the PDF is damaged: " + end.told());
    PdfFacts facts;
    const std::string text = '\n' + end.out;
    const auto pages = told_after(text, "Pages:");
    if (pages) facts.pages = number_at_start<int>(number_text(*pages)).value_or(0);
    facts.javascript = number_text(told_after(text, "JavaScript:").value_or("")).starts_with("yes");
    for (std::size_t at = 0; at < end.out.size();) {
      const std::size_t line = std::min(end.out.find('\n', at), end.out.size());
      take_size(end.out.substr(at, line - at), facts);
      at = line + 1;
    }
    return facts;
  }

  bool holds_files() {
    const hosts::ProgramEnd end = run({"pdfdetach", "-list", document_.string()});
    const auto count = number_at_start<int>(end.out);
    return count && *count > 0;
  }

  void draw(int pages, const fs::path& prefix) {
    // pdftocairo and not pdftoppm: the latter draws a scan one pixel too wide and so blurs it; a scan at its own resolution comes out
    // of this one bit for bit. LZW in TIFF: as fast as no compression and a third of the bytes; PNG took many times as long.
    const hosts::ProgramEnd end = run({"pdftocairo", "-gray", "-tiff", "-tiffcompression", "lzw", "-r", std::to_string(limits_.dpi), "-f", "1", "-l",
                                       std::to_string(pages), document_.string(), prefix.string()});
    if (end.status != 0) throw DocumentError("the PDF cannot be drawn: " + end.told());
    // It goes on after such a thing, and leaves a picture of nothing.
    for (const char* lost : {"cairo error", "out of memory", "Out of memory", "Bogus memory allocation"}) {
      if (end.err.find(lost) != std::string::npos) throw DocumentError("the PDF cannot be drawn within the memory allowed");
    }
  }

 private:
  hosts::ProgramEnd run(std::vector<std::string> command) const {
    hosts::ProgramCall call;
    call.command = std::move(command);
    call.environment = hosts::modest_environment();
    call.time_limit = std::max(std::chrono::milliseconds(1), std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now()));
    call.memory_limit_bytes = limits_.memory_limit_bytes;
    // One picture, uncompressed at worst, and a little more.
    call.file_limit_bytes = static_cast<std::uint64_t>(limits_.most_page_pixels) * 3 / 2 + (1 << 20);
    call.stopping = limits_.stopping;
    hosts::ProgramEnd end;
    try {
      end = hosts::run_program(call);
    } catch (const std::system_error& error) {
      throw DocumentError(std::string("PDFs need Debian's poppler-utils: ") + error.what());
    }
    if (end.timed_out) throw DocumentError("the PDF takes longer than " + std::to_string(limits_.time_limit.count()) + " s");
    if (end.stopped) throw DocumentError("stopped");
    return end;
  }

  fs::path document_;
  const PageLimits& limits_;
  Clock::time_point end_;
};

/// What stands in the file in the clear. Actions inside compressed parts are pdfinfo's to find.
bool names_active_content(const fs::path& document) {
  // Long enough that chance does not write one into a compressed picture: the shortest once in 7e16 bytes.
  constexpr std::array<std::string_view, 3> kNames = {"/JavaScript", "/Launch", "/EmbeddedFile"};
  constexpr std::size_t kLongest = 13;
  std::ifstream in(document, std::ios::binary);
  std::string window;
  std::array<char, 1 << 16> buffer{};
  while (in.read(buffer.data(), buffer.size()), in.gcount() > 0) {
    window.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
    for (const std::string_view name : kNames) {
      if (window.find(name) != std::string::npos) return true;
    }
    if (window.size() > kLongest) window.erase(0, window.size() - kLongest);
  }
  return false;
}

void check_sizes(const PdfFacts& facts, const PageLimits& limits) {
  for (int page = 1; page <= facts.pages; ++page) {
    const auto found = facts.sizes.find(page);
    const std::string place = "page " + std::to_string(page) + " of the PDF ";
    if (found == facts.sizes.end()) throw DocumentError(place + "is damaged: it has no size");
    const double per_pt = limits.dpi / 72.0;
    const double pixels = std::ceil(found->second.width * per_pt) * std::ceil(found->second.height * per_pt);
    if (!(pixels >= 1)) throw DocumentError(place + "is damaged: it has no size");
    if (pixels > static_cast<double>(limits.most_page_pixels)) {
      throw DocumentError(place + "is too large: more than " + std::to_string(limits.most_page_pixels) + " pixels at " + std::to_string(limits.dpi) + " dpi");
    }
  }
}

}  // namespace

bool is_pdf(const fs::path& document) {
  std::ifstream in(document, std::ios::binary);
  std::array<char, 1024> start{};
  in.read(start.data(), start.size());
  return std::string_view(start.data(), static_cast<std::size_t>(in.gcount())).find("%PDF-") != std::string_view::npos;
}

std::map<int, fs::path> drawn_pages(const fs::path& scratch) {
  std::map<int, fs::path> drawn;
  for (const auto& entry : fs::directory_iterator(scratch)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("page-") || !name.ends_with(".tif") || fs::file_size(entry.path()) == 0) continue;
    if (const auto number = number_at_start<int>(std::string_view(name).substr(5))) drawn[*number] = entry.path();
  }
  return drawn;
}

std::vector<fs::path> page_images_of(const fs::path& document, const fs::path& scratch, const PageLimits& limits) {
  if (!is_pdf(document)) return {document};
  Pdf pdf(document, limits);
  const PdfFacts facts = pdf.facts();
  if (facts.pages < 1) throw DocumentError("the PDF has no pages");
  if (facts.pages > limits.most_pages) {
    throw DocumentError("the PDF has " + std::to_string(facts.pages) + " pages; at most " + std::to_string(limits.most_pages) + " are read");
  }
  if (!limits.active_content && (facts.javascript || names_active_content(document) || pdf.holds_files())) {
    throw DocumentError("the PDF holds JavaScript, programs to start or files, which no scanner puts there");
  }
  check_sizes(facts, limits);
  pdf.draw(facts.pages, scratch / "page");

  const std::map<int, fs::path> drawn = drawn_pages(scratch);
  std::vector<fs::path> pages;
  for (int page = 1; page <= facts.pages; ++page) {
    const auto found = drawn.find(page);
    if (found == drawn.end()) throw DocumentError("page " + std::to_string(page) + " of the PDF cannot be drawn");
    pages.push_back(found->second);
  }
  return pages;
}

}  // namespace inkfield::watch_folder
