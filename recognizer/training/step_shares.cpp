#include "recognizer/training/step_shares.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace inkfield::training {
namespace {

// Lines of a batch are of one length, and a step should see several; an accelerator waits less for fewer, larger ones.
int lines_of_a_batch(int lines) { return std::max(32, lines / 2); }

}  // namespace

Share make_share(const SampleSources& sources, int symbols, int lines, synthesis::Random& random) {
  Share share;
  std::vector<Sample> samples;
  for (int i = 0; i < symbols; ++i) samples.push_back(make_symbol(sources, random));
  if (symbols > 0) share.batches.push_back(make_batch(samples));
  share.units = symbols;
  for (int done = 0; done < lines;) {
    const int until = std::min(lines, done + lines_of_a_batch(lines));
    const int length = random.chance(0.1F) ? 1 : 2 + random.below(10);
    samples.clear();
    for (; done < until; ++done) {
      samples.push_back(make_line(sources, length, random));
      share.units += static_cast<double>(samples.back().text.size());
    }
    share.batches.push_back(make_batch(samples));
  }
  return share;
}

double learn(CtcNetwork& network, const Share& share) {
  torch::Tensor sum;  // read once: an accelerator would wait at each reading
  for (Batch batch : share.batches) {
    batch.move_to(network->device());
    const torch::Tensor loss = ctc_losses(network->forward(batch.ink), batch).sum() / share.units;
    loss.backward();
    sum = sum.defined() ? sum + loss.detach() : loss.detach();
  }
  return sum.defined() ? sum.item<double>() : 0.0;
}

SharesAhead::SharesAhead(int threads, std::int64_t first_step, std::function<Share(std::int64_t step)> make)
    : next_(first_step), first_(first_step) {
  for (int i = 0; i < std::max(1, threads); ++i) slots_.push_back(std::make_unique<Slot>());
  const auto count = static_cast<std::int64_t>(slots_.size());
  for (std::int64_t i = 0; i < count; ++i) {
    threads_.emplace_back([this, make, i, count] {
      Slot& slot = *slots_[static_cast<std::size_t>(i)];
      for (std::int64_t step = first_ + i;; step += count) {
        slot.wanted.acquire();
        if (stopping_) return;
        try {
          slot.share = make(step);
        } catch (...) {
          slot.failure = std::current_exception();
        }
        slot.ready.release();
      }
    });
  }
}

SharesAhead::~SharesAhead() {
  stopping_ = true;
  for (const auto& slot : slots_) slot->wanted.release();
  for (std::thread& thread : threads_) thread.join();
}

Share SharesAhead::take() {
  Slot& slot = *slots_[static_cast<std::size_t>((next_ - first_) % static_cast<std::int64_t>(slots_.size()))];
  ++next_;
  const auto asked = std::chrono::steady_clock::now();
  slot.ready.acquire();
  waited_s_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - asked).count();
  if (slot.failure) std::rethrow_exception(slot.failure);
  Share share = std::move(slot.share);
  slot.wanted.release();
  return share;
}

}  // namespace inkfield::training
