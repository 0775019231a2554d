// What a step learns from comes in the order of the steps, the same however many threads made it.
#include "recognizer/training/step_shares.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace inkfield::training {
namespace {

SampleSources synthetic_sources() {
  SampleSources sources;
  sources.synthetic_symbols = 1;
  sources.synthetic_lines = 1;
  sources.index();
  return sources;
}

Share share_number(std::int64_t step) {
  Share share;
  share.units = static_cast<double>(step);
  return share;
}

TEST(SharesAhead, WhateverTheThreads_ComeInTheOrderOfTheSteps) {
  for (const int threads : {0, 1, 2, 3, 7}) {
    SharesAhead ahead(threads, 5, [](std::int64_t step) {
      // The first of each few is the slowest, so that later ones are ready before it.
      std::this_thread::sleep_for(std::chrono::milliseconds(step % 3 == 0 ? 6 : 0));
      return share_number(step);
    });
    for (int step = 5; step < 35; ++step) ASSERT_EQ(ahead.take().units, step) << threads;
  }
}

TEST(SharesAhead, OfOneSeed_AreTheSameSharesOnAnyNumberOfThreads) {
  const SampleSources sources = synthetic_sources();
  const auto shares = [&](int threads) {
    SharesAhead ahead(threads, 0, [&](std::int64_t step) {
      synthesis::Random random(100 + static_cast<std::uint64_t>(step));
      return make_share(sources, 2, 3, random);
    });
    std::vector<Share> taken;
    for (int i = 0; i < 6; ++i) taken.push_back(ahead.take());
    return taken;
  };
  const std::vector<Share> one = shares(1);
  const std::vector<Share> four = shares(4);
  for (std::size_t i = 0; i < one.size(); ++i) {
    ASSERT_EQ(one[i].batches.size(), four[i].batches.size());
    for (std::size_t b = 0; b < one[i].batches.size(); ++b) {
      EXPECT_EQ(one[i].batches[b].texts, four[i].batches[b].texts);
      EXPECT_TRUE(one[i].batches[b].ink.equal(four[i].batches[b].ink));
    }
  }
}

TEST(SharesAhead, OfEachThread_OneShareIsAheadAtMost) {
  constexpr int kThreads = 3;
  std::atomic<std::int64_t> asked = 0;
  std::atomic<bool> too_far = false;
  SharesAhead ahead(kThreads, 0, [&](std::int64_t step) {
    if (step >= asked + kThreads) too_far = true;
    return share_number(step);
  });
  for (int i = 0; i < 50; ++i) {
    ++asked;
    ahead.take();
  }
  EXPECT_FALSE(too_far);
}

TEST(SharesAhead, AFailureInMakingOne_IsThrownWhereThatOneIsTaken) {
  for (const int threads : {1, 3}) {
    SharesAhead ahead(threads, 0, [](std::int64_t step) {
      if (step == 2) throw std::runtime_error("no ink at step " + std::to_string(step));
      return share_number(step);
    });
    EXPECT_EQ(ahead.take().units, 0);
    EXPECT_EQ(ahead.take().units, 1);
    try {
      ahead.take();
      ADD_FAILURE() << "the failure was swallowed, " << threads;
    } catch (const std::runtime_error& failure) {
      EXPECT_STREQ(failure.what(), "no ink at step 2");
    }
  }
}

TEST(SharesAhead, OfSharesNeverTaken_EndsCleanly) {
  for (int taken = 0; taken < 3; ++taken) {
    std::atomic<int> made = 0;
    {
      SharesAhead ahead(4, 0, [&](std::int64_t step) {
        ++made;
        return share_number(step);
      });
      for (int i = 0; i < taken; ++i) ahead.take();
      while (made < 4 + taken) std::this_thread::yield();  // all threads wait to be asked for more
    }
    EXPECT_EQ(made, 4 + taken);
  }
  // And at once, while threads are only starting.
  for (int i = 0; i < 50; ++i) SharesAhead(2, 0, share_number);
  // And after failures that nobody saw.
  const SharesAhead failing(2, 0, [](std::int64_t) -> Share { throw std::runtime_error("unseen"); });
}

TEST(MakeShare, OfManyLines_MakesBatchesOfLikeLengthAndCountsTheirCharacters) {
  const SampleSources sources = synthetic_sources();
  synthesis::Random random(7);
  const Share share = make_share(sources, 5, 40, random);
  ASSERT_EQ(share.batches.size(), 3U);
  EXPECT_EQ(share.batches[0].texts.size(), 5U);
  EXPECT_EQ(share.batches[1].texts.size(), 32U) << "more than one length in a step of many lines";
  EXPECT_EQ(share.batches[2].texts.size(), 8U);
  double units = 5;
  for (std::size_t b = 1; b < share.batches.size(); ++b) {
    for (const std::string& text : share.batches[b].texts) units += static_cast<double>(text.size());
  }
  EXPECT_EQ(share.units, units);
  EXPECT_EQ(make_share(sources, 0, 3, random).batches.size(), 1U) << "no batch of no symbols";
}

TEST(Learn, OfSeveralBatches_AddsTheirGradientsAndReturnsTheLossPerUnit) {
  torch::manual_seed(2);
  const SampleSources sources = synthetic_sources();
  synthesis::Random random(8);
  const Share share = make_share(sources, 4, 4, random);
  CtcNetwork network(tiny_plan(), 0.0);
  network->eval();
  torch::Tensor loss = torch::zeros({1});
  for (const Batch& batch : share.batches) loss = loss + ctc_losses(network->forward(batch.ink), batch).sum();
  loss = loss / share.units;
  const std::vector<torch::Tensor> expected = torch::autograd::grad({loss}, network->parameters());

  network->zero_grad();
  for (int times = 1; times <= 2; ++times) {
    EXPECT_NEAR(learn(network, share), loss.item<double>(), 1e-3);
    for (std::size_t p = 0; p < expected.size(); ++p) {
      EXPECT_TRUE(torch::allclose(network->parameters()[p].grad(), times * expected[p], 1e-3, 1e-5)) << p;
    }
  }
  EXPECT_EQ(learn(network, Share{}), 0.0);
}

}  // namespace
}  // namespace inkfield::training
