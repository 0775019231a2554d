// The plugin is a guest in somebody else's process: what it must leave alone.

#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/abi/drawn_form.h"

namespace {

using namespace inkfield;
namespace fs = std::filesystem;

std::string read_everything(const Library& library) {
  EngineOptions options;
  options.templates_json = drawing::drawn_template();
  const Engine engine(library, options);
  const drawing::DrawnPage page = drawing::drawn_page();
  return Session(engine).read_page(page.image()).json();
}

/// What the process writes to a descriptor while `call` runs.
template <class Call>
std::string written_to(int descriptor, Call&& call) {
  std::fflush(nullptr);
  const fs::path file = fs::temp_directory_path() / ("inkfield-descriptor-" + std::to_string(getpid()));
  const int saved = dup(descriptor);
  const int into = open(file.c_str(), O_CREAT | O_TRUNC | O_RDWR, 0600);
  dup2(into, descriptor);
  call();
  std::fflush(nullptr);
  dup2(saved, descriptor);
  close(saved);
  close(into);
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  fs::remove(file);
  return text;
}

TEST(GuestManners, StandardOutputAndError_StayUntouched) {
  EXPECT_EQ(written_to(STDOUT_FILENO, [] { read_everything(Library::linked()); }), "");
  EXPECT_EQ(written_to(STDERR_FILENO, [] { read_everything(Library::linked()); }), "");
}

TEST(GuestManners, Locale_IsNeitherChangedNorObeyed) {
  const std::string plain = read_everything(Library::linked());
  const std::string original = std::setlocale(LC_ALL, nullptr);
  const char* comma = nullptr;
  for (const char* name :
       {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_AT.UTF-8", "nl_NL.UTF-8", "C.utf8"}) {
    comma = std::setlocale(LC_ALL, name);
    if (comma != nullptr) break;
  }
  ASSERT_NE(comma, nullptr);
  const std::string set = std::setlocale(LC_ALL, nullptr);
  EXPECT_EQ(read_everything(Library::linked()), plain);
  EXPECT_EQ(std::setlocale(LC_ALL, nullptr), set);
  std::setlocale(LC_ALL, original.c_str());
}

TEST(GuestManners, SignalsAndEnvironment_StayTheHosts) {
  const int signals[] = {SIGSEGV, SIGABRT, SIGFPE,  SIGILL,  SIGINT,
                         SIGTERM, SIGPIPE, SIGCHLD, SIGALRM, SIGUSR1};
  std::vector<struct sigaction> before;
  for (const int signal : signals) {
    struct sigaction action {};
    sigaction(signal, nullptr, &action);
    before.push_back(action);
  }
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  read_everything(Library::linked());
  for (std::size_t i = 0; i < before.size(); ++i) {
    struct sigaction action {};
    sigaction(signals[i], nullptr, &action);
    EXPECT_EQ(action.sa_handler, before[i].sa_handler) << signals[i];
  }
  std::vector<std::string> after;
  for (char** entry = environ; *entry != nullptr; ++entry) after.emplace_back(*entry);
  EXPECT_EQ(after, environment);
}

int thread_count() {
  return static_cast<int>(std::distance(fs::directory_iterator("/proc/self/task"), fs::directory_iterator()));
}

TEST(GuestManners, Threads_AreNoneOfOurs) {
  const int before = thread_count();
  read_everything(Library::linked());
  EXPECT_EQ(thread_count(), before) << "OpenMP inside Tesseract would leave its workers behind";
}

TEST(GuestManners, HostsOpenMpSetting_IsPutBack) {
  void* const openmp = dlopen("libgomp.so.1", RTLD_NOW | RTLD_NOLOAD);
  if (openmp == nullptr) GTEST_SKIP() << "this Tesseract does not use GNU's OpenMP";
  const auto set = reinterpret_cast<void (*)(int)>(dlsym(openmp, "omp_set_max_active_levels"));
  const auto get = reinterpret_cast<int (*)()>(dlsym(openmp, "omp_get_max_active_levels"));
  const int original = get();
  set(3);
  read_everything(Library::linked());
  EXPECT_EQ(get(), 3);
  set(original);
  dlclose(openmp);
}

TEST(GuestManners, OpenedAndClosedAgain_Works) {
  // A copy under another name is a library of its own to the loader.
  const fs::path copy = fs::temp_directory_path() / ("libinkfield-copy-" + std::to_string(getpid()) + ".so");
  fs::copy_file(INKFIELD_LIBRARY_FILE, copy, fs::copy_options::overwrite_existing);
  const std::string expected = read_everything(Library::linked());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(read_everything(Library::load(copy.string())), expected);
  fs::remove(copy);
}

TEST(GuestManners, FileThatIsNoLibrary_IsUnavailable) {
  try {
    Library::load("/no/such/libinkfield.so");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.status(), INKFIELD_UNAVAILABLE);
  }
}

}  // namespace
