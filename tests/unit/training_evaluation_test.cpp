// What calibration is fitted to is what reading computes: the same answer with the same probability.
#include "recognizer/training/ctc_network.h"
#include "recognizer/training/evaluation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>

#include "recognizer/decoding/number_reader.h"
#include "recognizer/synthesis/handwriting.h"
#include "recognizer/training/onnx_weights.h"
#include "recognizer/training/recipes/recipes.h"

namespace inkfield::training {
namespace {

const std::string kShipped = INKFIELD_SOURCE_DIR "/config/models/inkfield-open.onnx";

TEST(LineScores, OfALine_GivesTheAnswerAndTheProbabilityOfReading) {
  CtcNetwork network(recipe_by_name("open").plan, 0.0);
  read_weights(kShipped, *network);
  network->eval();
  const recognizer::NumberReader reader(
      std::make_shared<const recognizer::Network>(recognizer::Network::from_file(kShipped)));
  recognizer::NumberReader::Scratch scratch;
  const auto anything = recognizer::Automaton::anything(12);
  synthesis::Random random(5);
  int doubtful = 0;
  for (int i = 0; i < 40; ++i) {
    synthesis::WriterStyle style = synthesis::WriterStyle::random(random);
    style.gap = -0.05F;  // so that they touch and the looks differ
    synthesis::InkCanvas canvas(420, 70);
    synthesis::draw(synthesis::write_text("40817", style, random), {40, 20, 55}, canvas);
    Strip strip;
    strip.width_px = canvas.width_px();
    strip.height_px = canvas.height_px();
    for (int y = 0; y < strip.height_px; ++y) strip.ink.insert(strip.ink.end(), canvas.row(y), canvas.row(y) + strip.width_px);
    const auto reading = reader.read_line(canvas.view(), static_cast<float>(strip.height_px), anything, scratch);
    ASSERT_FALSE(reading.candidates.empty());
    strip.text = reading.raw_text;
    StripSet strips;
    strips.marks_labelled = true;
    strips.strips.push_back(strip);
    const Score score = score_strips(network, strips);
    if (reading.raw_text.find('?') != std::string::npos) continue;
    ASSERT_EQ(score.outcomes.size(), 1U);
    const double probability = reading.candidates.front().probability;
    // The trainer takes each look's best frames, reading searches further: only among doubtful lines can it find a better text.
    if (probability > 0.6) {
      EXPECT_TRUE(score.outcomes[0].right) << reading.raw_text;
      EXPECT_NEAR(score.outcomes[0].probability, probability, 1e-3);
    } else {
      ++doubtful;
      EXPECT_LE(score.outcomes[0].probability, probability + 1e-3);
    }
  }
  EXPECT_LT(doubtful, 20);
}

}  // namespace
}  // namespace inkfield::training
