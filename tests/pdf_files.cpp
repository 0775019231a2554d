#include "tests/pdf_files.h"

#include <array>
#include <cstddef>
#include <cstdio>

namespace inkfield::tests {

std::string pdf_of(const std::vector<std::string>& objects, const std::string& trailer) {
  std::string pdf = "%PDF-1.4\n";
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    places.push_back(pdf.size());
    pdf += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  const std::size_t table = pdf.size();
  pdf += "xref\n0 " + std::to_string(objects.size() + 1) + "\n0000000000 65535 f \n";
  for (const std::size_t place : places) {
    std::array<char, 32> line{};
    std::snprintf(line.data(), line.size(), "%010zu 00000 n \n", place);
    pdf += line.data();
  }
  return pdf + "trailer << /Size " + std::to_string(objects.size() + 1) + " /Root 1 0 R " + trailer + " >>\nstartxref\n" + std::to_string(table) + "\n%%EOF\n";
}

std::vector<std::string> page_objects(int pages, const std::string& catalog, const std::string& page, const std::string& box) {
  const std::string drawing = "0 0 36 36 re f";
  std::vector<std::string> objects = {"<< /Type /Catalog /Pages 2 0 R " + catalog + " >>", "",
                                      "<< /Length " + std::to_string(drawing.size()) + " >>\nstream\n" + drawing + "\nendstream"};
  std::string kids;
  for (int i = 0; i < pages; ++i) {
    kids += std::to_string(i + 4) + " 0 R ";
    objects.push_back("<< /Type /Page /Parent 2 0 R /MediaBox [" + box + "] /Contents 3 0 R " + page + " >>");
  }
  objects[1] = "<< /Type /Pages /Kids [" + kids + "] /Count " + std::to_string(pages) + " >>";
  return objects;
}

}  // namespace inkfield::tests
