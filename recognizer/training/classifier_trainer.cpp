// One loop for all: digits framed and perhaps varied, the network's own criterion, an average of the weights.
#include "recognizer/training/classifier_trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <map>
#include <memory>
#include <numeric>
#include <span>
#include <sstream>
#include <vector>

#include "recognizer/error.h"
#include "recognizer/training/calibration_fit.h"
#include "recognizer/training/classic_networks.h"
#include "recognizer/training/ctc_network.h"
#include "recognizer/training/device.h"
#include "recognizer/training/digit_inputs.h"
#include "recognizer/training/onnx_writer.h"

namespace inkfield::training {
namespace {

using Clock = std::chrono::steady_clock;
using Recipe = ClassifierRecipe;

constexpr double kFreezeStatisticsAt = 0.85;  // share of the run after which batch statistics stand still
constexpr double kTaperFrom = 0.75;           // from here on variation falls, down to half
constexpr double kEmaDecay = 0.999;
constexpr double kWeightDecay = 0.02;

// A network of layers or a classic one behind the same few calls.
class Classifier {
 public:
  Classifier(const Recipe& recipe, torch::Device device) : recipe_(recipe), device_(device) {
    if (recipe.network == Recipe::Network::zip1989) {
      classic_ = std::make_shared<Zip1989Impl>();
    } else if (recipe.network == Recipe::Network::lenet5) {
      classic_ = std::make_shared<LeNet5Impl>();
    } else {
      layers_ = CtcNetwork(recipe.plan, recipe.dropout);
    }
    module().to(device);
  }

  torch::nn::Module& module() { return classic_ ? static_cast<torch::nn::Module&>(*classic_) : *layers_; }

  torch::Tensor loss(const torch::Tensor& ink, const torch::Tensor& labels) {
    if (classic_) return classic_->loss(classic_->forward(ink.to(device_)), labels.to(device_));
    const torch::Tensor scores = layers_->forward(ink.to(device_)).flatten(1);
    return torch::nn::functional::cross_entropy(
        scores, labels.to(device_), torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(recipe_.smoothing));
  }

  torch::Tensor scores(const torch::Tensor& ink) {
    const torch::Tensor on_device = ink.to(device_);
    return (classic_ ? classic_->scores(classic_->forward(on_device)) : layers_->forward(on_device).flatten(1)).cpu();
  }

  void begin_step(std::uint64_t seed) {
    if (!classic_) layers_->seed_dropout(seed);
  }
  void freeze_statistics() {
    if (!classic_) layers_->freeze_statistics();
  }

  std::string onnx(const std::map<std::string, std::string>& metadata, float sharpness) const {
    if (classic_) classic_->to(torch::kCPU);
    return classic_ ? classic_->onnx(metadata, sharpness) : to_onnx(*layers_, metadata, recipe_.framing.size_px);
  }

 private:
  const Recipe& recipe_;
  torch::Device device_;
  std::shared_ptr<ClassicNetworkImpl> classic_;
  CtcNetwork layers_{nullptr};
};

void copy_state(Classifier& from, Classifier& to, double decay) {
  torch::NoGradGuard no_grad;
  const auto blend = [decay](std::vector<torch::Tensor> target, const std::vector<torch::Tensor>& source) {
    for (std::size_t i = 0; i < target.size(); ++i) {
      if (target[i].is_floating_point() && decay > 0) {
        target[i].mul_(decay).add_(source[i], 1 - decay);
      } else {
        target[i].copy_(source[i]);
      }
    }
  };
  blend(to.module().parameters(), from.module().parameters());
  blend(to.module().buffers(), from.module().buffers());
}

struct Sets {
  FramedDigits training;
  FramedDigits held_out;
};

Sets load_sets(const ClassifierOptions& options) {
  const Recipe& recipe = options.recipe;
  DigitSet all = load_digit_set(options.data, recipe.set);
  if (options.most_digits > 0 && all.digits.size() > static_cast<std::size_t>(options.most_digits)) {
    all.digits.resize(static_cast<std::size_t>(options.most_digits));
  }
  DigitSet kept;
  DigitSet rest;
  split_by_writer(all, recipe.hold_out_one_in, kept, rest);
  const auto height = static_cast<float>(recipe.image_side_px);
  return {FramedDigits(kept, recipe.framing, height), FramedDigits(rest, recipe.framing, height)};
}

torch::Tensor plain_batch(const FramedDigits& digits, int begin, int end) {
  const auto side = static_cast<std::size_t>(digits.side_px());
  torch::Tensor ink = torch::empty({end - begin, 1, digits.side_px(), digits.side_px()});
  for (int i = begin; i < end; ++i) {
    digits.plain(i, {ink.data_ptr<float>() + static_cast<std::size_t>(i - begin) * side * side, side * side});
  }
  return ink;
}

// Scores of all, [count,10].
torch::Tensor all_scores(Classifier& network, const FramedDigits& digits) {
  torch::NoGradGuard no_grad;
  network.module().eval();
  std::vector<torch::Tensor> parts;
  constexpr int kBatch = 128;
  for (int i = 0; i < digits.count(); i += kBatch) {
    parts.push_back(network.scores(plain_batch(digits, i, std::min(digits.count(), i + kBatch))));
  }
  return torch::cat(parts);
}

torch::Tensor labels_of(const FramedDigits& digits) {
  std::vector<std::int64_t> labels;
  for (int i = 0; i < digits.count(); ++i) labels.push_back(digits.label(i));
  return torch::tensor(labels, torch::kLong);
}

std::vector<Outcome> outcomes_of(const torch::Tensor& scores, const torch::Tensor& labels, float sharpness) {
  const auto [best, answers] = torch::softmax(scores.to(torch::kDouble) * sharpness, 1).max(1);
  std::vector<Outcome> outcomes;
  for (std::int64_t i = 0; i < labels.size(0); ++i) {
    outcomes.push_back(
        {best[i].item<double>(), answers[i].item<std::int64_t>() == labels[i].item<std::int64_t>()});
  }
  return outcomes;
}

int wrong_of(const std::vector<Outcome>& outcomes) {
  return static_cast<int>(std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return !o.right; }));
}

// The factor that makes a softmax of the papers' outputs most honest on the held-out digits.
float best_sharpness(const torch::Tensor& scores, const torch::Tensor& labels) {
  float best = 1;
  double least = 1e300;
  for (int step = -24; step <= 24; ++step) {
    const float sharpness = std::exp2(0.25F * static_cast<float>(step));
    const double loss =
        torch::nn::functional::cross_entropy(scores.to(torch::kDouble) * sharpness, labels).item<double>();
    if (loss < least) {
      least = loss;
      best = sharpness;
    }
  }
  return best;
}

std::string json_number(float value) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out << value;
  return out.str();
}

std::string export_model(const Recipe& recipe, Classifier& network, const FramedDigits& held_out) {
  const torch::Tensor labels = labels_of(held_out);
  const torch::Tensor scores = all_scores(network, held_out);
  const float sharpness = recipe.network == Recipe::Network::layers ? 1 : best_sharpness(scores, labels);
  const std::vector<Outcome> outcomes = outcomes_of(scores, labels, sharpness);
  std::fprintf(stderr, "calibration on held-out digits: %d of %zu wrong; scores times %g\n", wrong_of(outcomes),
               outcomes.size(), static_cast<double>(sharpness));
  const recognizer::SymbolFraming& framing = recipe.framing;
  const std::map<std::string, std::string> metadata = {
      {"inkfield.name", recipe.name},
      {"inkfield.version", recipe.version},
      {"inkfield.alphabet", "0123456789"},
      {"inkfield.blank", "none"},
      {"inkfield.input", "{\"height_px\":" + std::to_string(framing.size_px) +
                             ",\"layout\":\"symbol\",\"symbol\":{\"box_px\":" + json_number(framing.box_px) +
                             ",\"centre\":\"" + (framing.centred_by_mass ? "mass" : "box") +
                             "\",\"paper\":" + json_number(framing.paper) + ",\"ink\":" + json_number(framing.ink) +
                             "}}"},
      {"inkfield.licence", recipe.licence},
      {"inkfield.data", recipe.data},
      {"inkfield.calibration", "{\"symbol\":" + to_json(fit_calibration(outcomes)) + "}"},
  };
  return network.onnx(metadata, sharpness);
}

void save_checkpoint(const ClassifierOptions& options, Classifier& current, Classifier& average,
                     torch::optim::Optimizer& optimizer, std::int64_t step) {
  if (options.checkpoint.empty()) return;
  std::filesystem::create_directories(options.checkpoint);
  torch::serialize::OutputArchive archive;
  torch::serialize::OutputArchive current_part;
  torch::serialize::OutputArchive average_part;
  torch::serialize::OutputArchive optimizer_part;
  current.module().save(current_part);
  average.module().save(average_part);
  optimizer.save(optimizer_part);
  archive.write("current", current_part);
  archive.write("average", average_part);
  archive.write("optimizer", optimizer_part);
  archive.write("step", torch::tensor({step}, torch::kLong));
  const auto part = options.checkpoint / "classifier.pt.part";
  archive.save_to(part.string());
  std::filesystem::rename(part, options.checkpoint / "classifier.pt");
}

std::int64_t load_checkpoint(const ClassifierOptions& options, Classifier& current, Classifier& average,
                             torch::optim::Optimizer* optimizer) {
  const auto file = options.checkpoint / "classifier.pt";
  if (!std::filesystem::exists(file)) throw Error(ErrorKind::io_error, "there is no checkpoint " + file.string());
  torch::serialize::InputArchive archive;
  archive.load_from(file.string(), device_named(options.device));
  torch::serialize::InputArchive current_part;
  torch::serialize::InputArchive average_part;
  archive.read("current", current_part);
  archive.read("average", average_part);
  current.module().load(current_part);
  average.module().load(average_part);
  if (optimizer != nullptr) {
    torch::serialize::InputArchive optimizer_part;
    archive.read("optimizer", optimizer_part);
    optimizer->load(optimizer_part);
  }
  torch::Tensor step;
  archive.read("step", step);
  return step.item<std::int64_t>();
}

// One cycle for AdamW; after every digit, a slow fall to a tenth.
double rate_at(const Recipe& recipe, double progress) {
  if (recipe.batch == 1) return recipe.rate * std::pow(0.1, progress);
  constexpr double kRise = 0.08;
  if (progress < kRise) return recipe.rate * (0.05 + 0.95 * progress / kRise);
  const double t = (progress - kRise) / (1 - kRise);
  return recipe.rate * (0.001 + 0.999 * 0.5 * (1 + std::cos(3.14159265358979 * std::min(1.0, t))));
}

}  // namespace

std::string train_classifier(const ClassifierOptions& options) {
  const Recipe& recipe = options.recipe;
  at::set_num_threads(1);
  const Sets sets = load_sets(options);
  if (sets.training.count() < recipe.batch || sets.held_out.count() == 0) {
    throw Error(ErrorKind::invalid_argument, "too few digits to train on and to hold out");
  }
  torch::manual_seed(options.seed);
  const torch::Device device = device_named(options.device);
  Classifier current(recipe, device);
  Classifier average(recipe, device);
  copy_state(current, average, 0);
  const bool by_digit = recipe.batch == 1;
  std::unique_ptr<torch::optim::Optimizer> optimizer;
  if (by_digit) {
    optimizer = std::make_unique<torch::optim::SGD>(current.module().parameters(), torch::optim::SGDOptions(recipe.rate));
  } else {
    optimizer = std::make_unique<torch::optim::AdamW>(
        current.module().parameters(), torch::optim::AdamWOptions(recipe.rate).weight_decay(kWeightDecay));
  }
  const std::int64_t per_pass = sets.training.count() / recipe.batch;
  const std::int64_t steps = per_pass * (options.passes > 0 ? options.passes : recipe.passes);
  std::int64_t step = 0;
  if (options.resume) step = load_checkpoint(options, current, average, optimizer.get());
  current.module().train();

  const int side = recipe.framing.size_px;
  const auto size = static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
  torch::Tensor ink = torch::empty({recipe.batch, 1, side, side});
  torch::Tensor labels = torch::empty({recipe.batch}, torch::kLong);
  const torch::Tensor held_out_labels = labels_of(sets.held_out);
  std::vector<int> order(static_cast<std::size_t>(sets.training.count()));
  std::int64_t order_of = -1;
  double loss_sum = 0;
  std::int64_t loss_count = 0;
  bool frozen = false;
  const auto started = Clock::now();
  auto last_checkpoint = started;
  const std::int64_t first_step = step;
  for (; step < steps; ++step) {
    const double progress = static_cast<double>(step) / static_cast<double>(steps);
    if (!frozen && progress >= kFreezeStatisticsAt) {
      current.freeze_statistics();
      frozen = true;
    }
    const std::int64_t pass = step / per_pass;
    if (pass != order_of) {
      order_of = pass;
      std::iota(order.begin(), order.end(), 0);
      synthesis::Random shuffle(options.seed * 7919U + static_cast<std::uint64_t>(pass));
      for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[static_cast<std::size_t>(shuffle.below(static_cast<int>(i)))]);
    }
    synthesis::Random random(options.seed * 1000003U + static_cast<std::uint64_t>(step) * 64U);
    current.begin_step(random.next());
    const auto strength = static_cast<float>(
        progress < kTaperFrom ? 1.0 : 1.0 - 0.5 * (progress - kTaperFrom) / (1 - kTaperFrom));
    for (int i = 0; i < recipe.batch; ++i) {
      const int index = order[static_cast<std::size_t>(step % per_pass * recipe.batch + i)];
      const std::span<float> out(ink.data_ptr<float>() + static_cast<std::size_t>(i) * size, size);
      if (recipe.varied && !random.chance(recipe.plain_share)) {
        sets.training.varied(index, recipe.variation, strength, random, out);
      } else {
        sets.training.plain(index, out);
      }
      labels.data_ptr<std::int64_t>()[i] = sets.training.label(index);
    }
    for (auto& group : optimizer->param_groups()) group.options().set_lr(rate_at(recipe, progress));
    optimizer->zero_grad();
    const torch::Tensor loss = current.loss(ink, labels);
    loss.backward();
    if (!by_digit) torch::nn::utils::clip_grad_norm_(current.module().parameters(), 2.0);
    optimizer->step();
    loss_sum += loss.item<double>();
    ++loss_count;
    if (by_digit) {
      // After every digit the weights tremble too little for an average to help, and the originals had none.
      if ((step + 1) % per_pass == 0) copy_state(current, average, 0);
    } else {
      // Early on the average must not remember the random start.
      copy_state(current, average, std::min(kEmaDecay, 1.0 - 1.0 / (1.0 + 0.2 * static_cast<double>(step + 1))));
    }
    if ((step + 1) % per_pass == 0) {
      const auto now = Clock::now();
      const double minutes = std::chrono::duration<double>(now - started).count() / 60;
      const std::vector<Outcome> held_out = outcomes_of(all_scores(average, sets.held_out), held_out_labels, 1);
      std::fprintf(stderr, "pass %lld  loss %.4f  held out: %d of %zu wrong  %.1f min, %.2f ms a step\n",
                   static_cast<long long>(pass + 1), loss_sum / static_cast<double>(loss_count), wrong_of(held_out),
                   held_out.size(), minutes, 60000 * minutes / static_cast<double>(step + 1 - first_step));
      loss_sum = 0;
      loss_count = 0;
      if (now - last_checkpoint > std::chrono::minutes(2) || step + 1 == steps) {
        last_checkpoint = now;
        save_checkpoint(options, current, average, *optimizer, step + 1);
      }
    }
  }
  const std::string onnx = export_model(recipe, average, sets.held_out);
  if (!options.out.empty()) write_file(options.out, onnx);
  return onnx;
}

void evaluate_classifier(const ClassifierOptions& options) {
  const Recipe& recipe = options.recipe;
  at::set_num_threads(1);
  const torch::Device device = device_named(options.device);
  Classifier current(recipe, device);
  Classifier average(recipe, device);
  load_checkpoint(options, current, average, nullptr);
  const Sets sets = load_sets(options);
  const torch::Tensor held_out_labels = labels_of(sets.held_out);
  const torch::Tensor held_out_scores = all_scores(average, sets.held_out);
  const float sharpness =
      recipe.network == Recipe::Network::layers ? 1 : best_sharpness(held_out_scores, held_out_labels);
  const std::vector<Outcome> held_out = outcomes_of(held_out_scores, held_out_labels, sharpness);
  std::printf("held out of the training part: %d of %zu wrong\n", wrong_of(held_out), held_out.size());

  const IdxImages images = read_idx(options.data / recipe.test_images, options.data / recipe.test_labels);
  DigitSet test;
  const auto size = static_cast<std::size_t>(images.width_px) * static_cast<std::size_t>(images.height_px);
  for (int i = 0; i < images.count; ++i) {
    const auto* begin = images.pixels.data() + static_cast<std::size_t>(i) * size;
    test.digits.push_back(
        {{begin, begin + size}, images.width_px, images.height_px, images.labels[static_cast<std::size_t>(i)], i});
  }
  const FramedDigits framed(test, recipe.framing, static_cast<float>(images.height_px));
  std::vector<Outcome> outcomes = outcomes_of(all_scores(average, framed), labels_of(framed), sharpness);
  std::printf("test part: %d of %zu wrong, %.2f %%\n", wrong_of(outcomes), outcomes.size(),
              100.0 * wrong_of(outcomes) / static_cast<double>(outcomes.size()));
  std::sort(outcomes.begin(), outcomes.end(),
            [](const Outcome& l, const Outcome& r) { return l.probability > r.probability; });
  std::size_t most = 0;
  int wrong = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    wrong += outcomes[i].right ? 0 : 1;
    if (100 * static_cast<std::size_t>(wrong) <= i + 1) most = i + 1;
  }
  std::printf("1 %% wrong of those accepted: %.1f %% rejected (threshold picked on the test part itself, as the papers did)\n",
              100.0 * static_cast<double>(outcomes.size() - most) / static_cast<double>(outcomes.size()));
}

}  // namespace inkfield::training
