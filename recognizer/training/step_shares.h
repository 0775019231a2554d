// What one replica learns from in one step, and the threads that prepare it while an accelerator is at work.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

#include "recognizer/synthesis/random.h"
#include "recognizer/training/ctc_network.h"
#include "recognizer/training/samples.h"

namespace inkfield::training {

struct Share {
  std::vector<Batch> batches;  ///< lone symbols, and lines of like length
  double units = 0;            ///< symbols and characters of lines, by which the loss is divided
};

/// Draws lone symbols and lines. Lines of one batch are of like length, so that little of it is padding.
Share make_share(const SampleSources& sources, int symbols, int lines, synthesis::Random& random);

/// Adds the gradients of a share to those of the network, and returns its loss.
double learn(CtcNetwork& network, const Share& share);

/// Makes the shares of coming steps on threads of its own and hands them out in the order of the steps, the same ones
/// however fast the threads are.
class SharesAhead {
 public:
  SharesAhead(int threads, std::int64_t first_step, std::function<Share(std::int64_t step)> make);
  ~SharesAhead();
  SharesAhead(const SharesAhead&) = delete;
  SharesAhead& operator=(const SharesAhead&) = delete;

  /// The next step's share. Throws what making it threw.
  Share take();
  /// How long `take` has waited, all calls together.
  [[nodiscard]] double waited_s() const { return waited_s_; }

 private:
  struct Slot {
    std::counting_semaphore<2> wanted{1};  // the second for the end
    std::binary_semaphore ready{0};
    Share share;
    std::exception_ptr failure;
  };

  std::int64_t next_;
  std::int64_t first_;
  double waited_s_ = 0;
  std::atomic<bool> stopping_ = false;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<std::thread> threads_;
};

}  // namespace inkfield::training
