// Data-parallel on plain threads: each worker owns a replica, makes its own samples and runs single-threaded,
// so that neither data nor the network's small layers ever wait for a barrier but one in a step.
// On an accelerator there is one network; the workers make samples a few steps ahead of it.
#include "recognizer/training/trainer.h"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "recognizer/engine/model_bytes.h"
#include "recognizer/error.h"
#include "recognizer/training/calibration_fit.h"
#include "recognizer/training/device.h"
#include "recognizer/training/evaluation.h"
#include "recognizer/training/int8_export.h"
#include "recognizer/training/onnx_weights.h"
#include "recognizer/training/onnx_writer.h"
#include "recognizer/training/step_shares.h"

namespace inkfield::training {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kHeldOutOneIn = 14;
// Share of held-out samples as hard as training makes them; the others look as forms do after ink extraction.
constexpr float kHeldOutSymbolRoughness = 0.1F;
// Lines meet hands and papers that nothing here imitates: on real strips of an unseen bank a tenth promised too much.
constexpr float kHeldOutLineRoughness = 0.25F;
constexpr double kFreezeStatisticsAt = 0.75;  // share of the run after which batch statistics stand still
constexpr double kEmaDecay = 0.998;
// Chosen on lines of held-out writers and on strips of a bank that no training saw: 0.1 accepts fewer, 0 is
// blind to ink that is no number.
constexpr double kSpread = 0.03;
// Strips whose names follow each other are often of one hand.
constexpr int kNeighbouringStrips = 18;
constexpr std::uint64_t kHeldOutSeed = 20240607;

// One-cycle: a short linear rise, then a cosine down to almost nothing.
double rate_at(double progress, double peak) {
  constexpr double kRise = 0.06;
  if (progress < kRise) return peak * (0.05 + 0.95 * progress / kRise);
  const double t = (progress - kRise) / (1 - kRise);
  return peak * (0.002 + 0.998 * 0.5 * (1 + std::cos(3.14159265358979 * std::min(1.0, t))));
}

void copy_state(CtcNetwork& from, CtcNetwork& to) {
  torch::NoGradGuard no_grad;
  auto source = from->parameters();
  auto target = to->parameters();
  for (std::size_t i = 0; i < source.size(); ++i) target[i].copy_(source[i]);
  auto source_buffers = from->buffers();
  auto target_buffers = to->buffers();
  for (std::size_t i = 0; i < source_buffers.size(); ++i) target_buffers[i].copy_(source_buffers[i]);
}

void blend_state(CtcNetwork& average, CtcNetwork& current, double decay) {
  torch::NoGradGuard no_grad;
  const auto blend = [decay](std::vector<torch::Tensor> to, std::vector<torch::Tensor> from) {
    for (std::size_t i = 0; i < to.size(); ++i) {
      if (to[i].is_floating_point()) {
        to[i].mul_(decay).add_(from[i], 1 - decay);
      } else {
        to[i].copy_(from[i]);
      }
    }
  };
  blend(average->parameters(), current->parameters());
  blend(average->buffers(), current->buffers());
}

std::vector<Sample> held_out_symbols(const SampleSources& sources, int count, std::uint64_t seed) {
  std::vector<Sample> samples;
  synthesis::Random random(seed);
  for (int i = 0; i < count; ++i) samples.push_back(make_symbol(sources, random));
  return samples;
}

std::vector<Sample> held_out_lines(const SampleSources& sources, int count, std::uint64_t seed) {
  std::vector<Sample> samples;
  synthesis::Random random(seed);
  for (int i = 0; i < count; ++i)
    samples.push_back(make_line(sources, 2 + (i * 11) / std::max(1, count), random));
  return samples;
}

// Held-out digits as they are, which the standard test parts resemble.
double clean_error(CtcNetwork& network, const SampleSources& held_out) {
  if (held_out.sets.empty()) return 0;
  std::vector<Sample> samples;
  for (const DigitImage& digit : held_out.sets.front().set.digits) {
    Sample sample;
    const recognizer::ImageView view = {digit.ink.data(), digit.width_px, digit.height_px, digit.width_px};
    sample.input = recognizer::normalize_symbol(view, 1.4F * held_out.sets.front().set.nominal_height_px);
    if (sample.input.empty()) continue;
    sample.text = std::string(1, static_cast<char>('0' + digit.label));
    samples.push_back(std::move(sample));
  }
  return score_symbols(network, samples).error();
}

std::string facts_json(const Calibrations& fitted) {
  std::string json = "{\"symbol\":" + to_json(fitted.symbol) + ",\"line\":" + to_json(fitted.line);
  if (fitted.digits) json += ",\"digits\":" + to_json(*fitted.digits);
  return json + "}";
}

Calibrations calibrate_on_held_out_writers(const Recipe& recipe, CtcNetwork& network, const SampleSources& held_out) {
  const bool small = recipe.name == "smoke";
  const Score symbols = score_symbols(network, held_out_symbols(held_out, small ? 600 : 20000, kHeldOutSeed));
  const Score lines = score_lines(network, held_out_lines(held_out, small ? 200 : 6000, kHeldOutSeed + 1));
  SampleSources digits_alone = held_out;
  digits_alone.digits_alone = true;
  const Score digits =
      score_digit_lines(network, held_out_lines(digits_alone, small ? 200 : 6000, kHeldOutSeed + 6), kSpread);
  std::fprintf(stderr, "calibration on held-out writers: %d symbols %.2f %% wrong, %d lines %.2f %% wrong, %d of digits alone %.2f %% wrong\n",
               symbols.count, 100 * symbols.error(), lines.count, 100 * lines.error(), digits.count, 100 * digits.error());
  FittedCalibration digits_curve = fit_calibration(digits.outcomes);
  digits_curve.spread = kSpread;
  return {fit_symbol_calibration(symbols.outcomes), fit_calibration(lines.outcomes), std::move(digits_curve)};
}

std::string export_model(const Recipe& recipe, CtcNetwork& network, const SampleSources& held_out,
                         const Calibrations* calibrations) {
  std::map<std::string, std::string> metadata = {
      {"inkfield.name", recipe.name},
      {"inkfield.version", recipe.version},
      {"inkfield.alphabet", kAlphabet},
      {"inkfield.blank", "0"},
      {"inkfield.input", "{\"height_px\":32,\"frame_stride_px\":4,\"frames_per_column\":" + std::to_string(kFramesPerColumn) +
                             ",\"layout\":\"line\"}"},
      {"inkfield.licence", recipe.licence},
      {"inkfield.data", recipe.data},
  };
  if (calibrations != nullptr) {
    metadata["inkfield.calibration"] = facts_json(*calibrations);
  }
  return calibrations != nullptr ? with_int8_ranges(to_onnx(*network, metadata), held_out) : to_onnx(*network, metadata);
}

struct Progress {
  std::int64_t step = 0;
  double elapsed_s = 0;
};

void save_checkpoint(const std::filesystem::path& folder, CtcNetwork& current, CtcNetwork& average,
                     torch::optim::Optimizer& optimizer, const Progress& progress) {
  std::filesystem::create_directories(folder);
  torch::serialize::OutputArchive archive;
  torch::serialize::OutputArchive current_part;
  torch::serialize::OutputArchive average_part;
  torch::serialize::OutputArchive optimizer_part;
  current->save(current_part);
  average->save(average_part);
  optimizer.save(optimizer_part);
  archive.write("current", current_part);
  archive.write("average", average_part);
  archive.write("optimizer", optimizer_part);
  archive.write("progress",
                torch::tensor({static_cast<double>(progress.step), progress.elapsed_s}, torch::kDouble));
  archive.save_to((folder / "checkpoint.pt.part").string());
  std::filesystem::rename(folder / "checkpoint.pt.part", folder / "checkpoint.pt");
}

void load_weights(const std::filesystem::path& folder, CtcNetwork& current, CtcNetwork& average,
                  torch::optim::Optimizer* optimizer, Progress* progress) {
  torch::serialize::InputArchive archive;
  archive.load_from((folder / "checkpoint.pt").string(), average->device());
  torch::serialize::InputArchive current_part;
  torch::serialize::InputArchive average_part;
  archive.read("current", current_part);
  archive.read("average", average_part);
  current->load(current_part);
  average->load(average_part);
  if (optimizer != nullptr) {
    torch::serialize::InputArchive optimizer_part;
    archive.read("optimizer", optimizer_part);
    optimizer->load(optimizer_part);
  }
  if (progress != nullptr) {
    torch::Tensor values;
    archive.read("progress", values);
    progress->step = static_cast<std::int64_t>(values[0].item<double>());
    progress->elapsed_s = values[1].item<double>();
  }
}

}  // namespace

void load_sources(const TrainingOptions& options, SampleSources& sources, SampleSources& held_out) {
  const Recipe& recipe = options.recipe;
  const std::filesystem::path& data = options.data;
  if (!options.strips.empty()) {
    split_strips(load_strips(options.strips, options.truth, kNeighbouringStrips), options.fold, options.folds,
                 sources.strips, held_out.strips);
    sources.strip_share = recipe.strip_share;
  }
  for (SampleSources* part : {&sources, &held_out}) {
    part->synthetic_symbols = recipe.synthetic_symbols;
    part->synthetic_lines = recipe.synthetic_lines;
  }
  sources.decimal_lines = recipe.decimal_lines;
  sources.symbol_roughness = recipe.symbol_roughness;
  sources.line_roughness = recipe.line_roughness;
  sources.line_hands = recipe.line_hands;
  sources.regional_hands = recipe.regional_hands;
  held_out.symbol_roughness = kHeldOutSymbolRoughness;
  held_out.line_roughness = kHeldOutLineRoughness;
  if (data.empty()) {
    sources.index();
    held_out.index();
    return;
  }
  for (const RecipeSet& wanted : recipe.sets) {
    DigitSet kept;
    DigitSet rest;
    split_by_writer(load_digit_set(data, wanted.name), kHeldOutOneIn, kept, rest);
    sources.sets.push_back({std::move(kept), wanted.symbol_weight, wanted.line_weight, {}});
    held_out.sets.push_back({std::move(rest), wanted.symbol_weight, wanted.line_weight, {}});
  }
  if (!options.boxes.empty() && !sources.strips.strips.empty()) {
    // As many composed lines as those of all other sets; lone digits less often, they are cut from their neighbours.
    sources.sets.push_back({cut_digits(sources.strips, options.boxes), 0.25F, 1.0F, {}});
  }
  if (recipe.letters) {
    DigitSet letters = load_digit_set(data, "letters");
    // What a digit can look like is no reject.
    std::erase_if(letters.digits, [](const DigitImage& letter) {
      return std::string("0123456789OoIlijZzSsBGgqbDQJyUC").find(static_cast<char>(letter.label)) !=
             std::string::npos;
    });
    split_by_writer(letters, kHeldOutOneIn, sources.letters, held_out.letters);
  }
  sources.index();
  held_out.index();
}

TrainingReport train(const TrainingOptions& options) {
  SampleSources sources;
  SampleSources held_out;
  load_sources(options, sources, held_out);
  return train(options, sources, held_out);
}

TrainingReport train(const TrainingOptions& options, const SampleSources& sources, const SampleSources& held_out) {
  const Recipe& recipe = options.recipe;
  torch::manual_seed(options.seed);
  const torch::Device device = device_named(options.device);
  const int workers = device.is_cpu() ? std::max(1, options.workers) : 1;
  std::vector<CtcNetwork> replicas;
  for (int i = 0; i < workers; ++i) replicas.emplace_back(recipe.plan, recipe.dropout);
  CtcNetwork average(recipe.plan, recipe.dropout);
  if (options.bfloat16) require_bfloat16(device);
  for (CtcNetwork& replica : replicas) {
    replica->to(device);
    if (options.bfloat16) replica->train_in_bfloat16();
  }
  torch::optim::AdamW optimizer(
      replicas[0]->parameters(),
      torch::optim::AdamWOptions(recipe.peak_rate).betas({0.9, 0.98}).weight_decay(0.01));
  Progress progress;
  if (options.resume && std::filesystem::exists(options.checkpoint / "checkpoint.pt")) {
    average->to(device);
    load_weights(options.checkpoint, replicas[0], average, &optimizer, &progress);
  } else if (!options.init.empty()) {
    if (std::filesystem::is_directory(options.init)) {
      average->to(device);
      load_weights(options.init, replicas[0], average, nullptr, nullptr);
    } else {
      read_weights(options.init, *average);
    }
    copy_state(average, replicas[0]);
  } else {
    copy_state(replicas[0], average);
  }
  average->to(device);
  for (int i = 1; i < workers; ++i) copy_state(replicas[0], replicas[static_cast<std::size_t>(i)]);
  for (CtcNetwork& replica : replicas) replica->train();
  average->eval();

  const auto started = Clock::now();
  const double elapsed_before = progress.elapsed_s;
  const auto elapsed = [&] {
    return elapsed_before + std::chrono::duration<double>(Clock::now() - started).count();
  };
  const auto share_done = [&](std::int64_t step) {
    const double by_steps = static_cast<double>(step) / recipe.steps;
    const double by_time = options.minutes > 0 ? elapsed() / (60 * options.minutes) : 0;
    return std::min(1.0, std::max(by_steps, by_time));
  };

  std::barrier barrier(workers);
  std::vector<double> losses(static_cast<std::size_t>(workers), 0);
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(workers));
  std::int64_t step = progress.step;
  double done = share_done(step);
  // A finished training that is resumed only calibrates and exports again.
  std::atomic<bool> stop{options.resume && step >= recipe.steps};
  double smooth_loss = 0;
  std::vector<double> history;
  auto last_line = Clock::now();
  auto last_checkpoint = Clock::now();
  const std::int64_t first_step = step;
  const std::vector<Sample> watch_symbols =
      held_out_symbols(held_out, recipe.name == "smoke" ? 200 : 3000, kHeldOutSeed + 2);
  const std::vector<Sample> watch_lines =
      held_out_lines(held_out, recipe.name == "smoke" ? 60 : 800, kHeldOutSeed + 3);

  std::unique_ptr<SharesAhead> ahead;
  const auto after_step = [&] {
    // Worker 0 alone, the others wait: gather gradients, step, average, report.
    auto parameters = replicas[0]->parameters();
    {
      torch::NoGradGuard no_grad;
      for (std::size_t p = 0; p < parameters.size(); ++p) {
        for (int i = 1; i < workers; ++i) {
          parameters[p].mutable_grad().add_(replicas[static_cast<std::size_t>(i)]->parameters()[p].grad());
        }
        if (workers > 1) parameters[p].mutable_grad().div_(workers);
      }
    }
    torch::nn::utils::clip_grad_norm_(parameters, 2.0);
    for (auto& group : optimizer.param_groups()) {
      static_cast<torch::optim::AdamWOptions&>(group.options()).lr(rate_at(done, recipe.peak_rate));
    }
    optimizer.step();
    for (int i = 1; i < workers; ++i) copy_state(replicas[0], replicas[static_cast<std::size_t>(i)]);
    ++step;
    // Early on the average must not remember the random start.
    blend_state(average, replicas[0],
                std::min(kEmaDecay, 1.0 - 1.0 / (1.0 + 0.2 * static_cast<double>(step))));
    done = share_done(step);
    double loss = 0;
    for (const double part : losses) loss += part / workers;
    history.push_back(loss);
    smooth_loss = smooth_loss == 0 ? loss : 0.98 * smooth_loss + 0.02 * loss;
    const auto now = Clock::now();
    if (now - last_line > std::chrono::seconds(15) || done >= 1) {
      last_line = now;
      const double took = elapsed();
      const double per_step = (took - elapsed_before) / static_cast<double>(step - first_step);
      std::fprintf(stderr, "step %lld  %4.1f %%  loss %.4f  rate %.2e  %.0f ms/step, %.0f of them waiting for samples  %.1f min\n",
                   static_cast<long long>(step), 100 * done, smooth_loss, rate_at(done, recipe.peak_rate),
                   1000 * per_step, ahead ? 1000 * ahead->waited_s() / static_cast<double>(step - first_step) : 0.0, took / 60);
    }
    const bool last = done >= 1;
    if (last || now - last_checkpoint > std::chrono::minutes(step - first_step < 600 ? 3 : 7)) {
      last_checkpoint = now;
      average->eval();
      std::fprintf(stderr, "held-out writers: clean digits %.2f %%, symbols %.2f %%, lines %.2f %% wrong\n",
                   100 * clean_error(average, held_out), 100 * score_symbols(average, watch_symbols).error(),
                   100 * score_lines(average, watch_lines).error());
      if (!held_out.strips.strips.empty()) {
        const Score strips = score_strips(average, held_out.strips);
        std::fprintf(stderr, "held-out strips: %d of %d right, %.2f %% wrong\n", strips.right, strips.count,
                     100 * strips.error());
      }
      progress = {step, elapsed()};
      if (!options.checkpoint.empty())
        save_checkpoint(options.checkpoint, replicas[0], average, optimizer, progress);
      if (!last && !options.out.empty())
        write_file(options.out, export_model(recipe, average, held_out, nullptr));
    }
    if (last) stop = true;
  };

  // What a step learns from depends on the seed and the step alone, whoever makes it.
  const auto share_of = [&](std::int64_t of_step, int index) {
    synthesis::Random random(options.seed * 1000003U + static_cast<std::uint64_t>(of_step) * 64U +
                             static_cast<std::uint64_t>(index));
    return make_share(sources, recipe.symbols_per_step / workers, recipe.lines_per_step / workers, random);
  };
  if (!device.is_cpu()) {
    ahead = std::make_unique<SharesAhead>(options.workers, step, [&](std::int64_t of_step) {
      at::set_num_threads(1);
      return share_of(of_step, 0);
    });
  }
  const auto work = [&](int index) {
    const auto self = static_cast<std::size_t>(index);
    at::set_num_threads(1);
    CtcNetwork& network = replicas[self];
    bool frozen = false;
    while (!stop) {
      try {
        if (!frozen && (done >= kFreezeStatisticsAt || !options.init.empty())) {
          network->freeze_statistics();
          frozen = true;
        }
        network->seed_dropout(options.seed * 7919U + static_cast<std::uint64_t>(step) * 64U +
                              static_cast<std::uint64_t>(index));
        network->zero_grad();
        losses[self] = learn(network, ahead ? ahead->take() : share_of(step, index));
      } catch (...) {
        failures[self] = std::current_exception();
        stop = true;
      }
      barrier.arrive_and_wait();
      if (index == 0 && !stop) {
        try {
          after_step();
        } catch (...) {
          failures[self] = std::current_exception();
          stop = true;
        }
      }
      barrier.arrive_and_wait();
    }
  };
  std::vector<std::thread> threads;
  for (int i = 1; i < workers; ++i) threads.emplace_back(work, i);
  std::thread first(work, 0);
  first.join();
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }

  TrainingReport report;
  report.steps = static_cast<int>(step);
  const std::size_t slice = std::max<std::size_t>(1, history.size() / 20);
  for (std::size_t i = 0; i < std::min(slice, history.size()); ++i) {
    report.first_loss += history[i] / static_cast<double>(slice);
    report.last_loss += history[history.size() - 1 - i] / static_cast<double>(slice);
  }
  average->eval();
  const Calibrations calibrations = options.calibrate ? options.calibrate(average, held_out)
                                                      : calibrate_on_held_out_writers(recipe, average, held_out);
  report.onnx = export_model(recipe, average, held_out, &calibrations);
  if (!options.out.empty()) write_file(options.out, report.onnx);
  return report;
}

std::string calibrate(const TrainingOptions& options) {
  SampleSources sources;
  SampleSources held_out;
  load_sources(options, sources, held_out);
  CtcNetwork network(options.recipe.plan, 0.0);
  if (std::filesystem::is_directory(options.init)) {
    CtcNetwork current(options.recipe.plan, 0.0);
    load_weights(options.init, current, network, nullptr, nullptr);
  } else {
    read_weights(options.init, *network);
  }
  if (!options.halfway.empty()) {
    CtcNetwork other(options.recipe.plan, 0.0);
    read_weights(options.halfway, *other);
    blend_state(network, other, 0.5);
  }
  network->eval();
  const Calibrations calibrations = calibrate_on_held_out_writers(options.recipe, network, held_out);
  std::string calibrated = export_model(options.recipe, network, held_out, &calibrations);
  // What a network computes does not change with how sure it may be.
  if (!std::filesystem::is_directory(options.init) && options.halfway.empty()) {
    const std::vector<std::uint8_t> bytes = recognizer::onnx::read_file(options.init.string());
    calibrated = with_int8_ranges_of(std::string(bytes.begin(), bytes.end()), calibrated);
  }
  if (!options.out.empty()) write_file(options.out, calibrated);
  return calibrated;
}

void evaluate(const TrainingOptions& options) {
  SampleSources sources;
  SampleSources held_out;
  load_sources(options, sources, held_out);
  CtcNetwork current(options.recipe.plan, 0.0);
  CtcNetwork average(options.recipe.plan, 0.0);
  load_weights(options.checkpoint, current, average, nullptr, nullptr);
  average->eval();
  std::printf("held-out writers, clean digits: %.2f %% wrong\n", 100 * clean_error(average, held_out));
  std::printf("held-out writers, cells: %.2f %% wrong\n",
              100 * score_symbols(average, held_out_symbols(held_out, 4000, kHeldOutSeed + 4)).error());
  std::printf("held-out writers, lines: %.2f %% wrong\n",
              100 * score_lines(average, held_out_lines(held_out, 1500, kHeldOutSeed + 5)).error());
  if (options.data.empty()) return;
  const auto report = [&](const char* name, const char* images, const char* labels) {
    const Score score = score_digits(average, read_idx(options.data / images, options.data / labels));
    std::printf("%s: %d of %d wrong, %.2f %%\n", name, score.count - score.right, score.count,
                100 * score.error());
  };
  report("MNIST t10k", "mnist/t10k-images-idx3-ubyte.gz", "mnist/t10k-labels-idx1-ubyte.gz");
  report("optdigits windep", "optdigits/optdigits32-windep-images-idx3-ubyte.gz",
         "optdigits/optdigits32-windep-labels-idx1-ubyte.gz");
  report("USPS test", "usps/usps-test-images-idx3-ubyte.gz", "usps/usps-test-labels-idx1-ubyte.gz");
}

}  // namespace inkfield::training
