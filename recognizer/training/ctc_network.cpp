// Layers, loss and the plain CTC sums that evaluation needs.
#include "recognizer/training/ctc_network.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

namespace inkfield::training {
namespace {

namespace nn = torch::nn;

// oneDNN 2.7 (Debian 12) gets gradients of a 3 x 3 layer of 16 channels wrong, not a number, from 353 columns
// on with AMX.
constexpr std::int64_t kWidestBfloat16 = 256;

double log_add(double a, double b) {
  if (a < b) std::swap(a, b);
  if (b == -std::numeric_limits<double>::infinity()) return a;
  return a + std::log1p(std::exp(b - a));
}

}  // namespace

CtcNetworkImpl::CtcNetworkImpl(std::vector<LayerPlan> plan, double dropout)
    : plan_(std::move(plan)), dropout_(dropout) {
  int channels = 1;
  for (std::size_t i = 0; i < plan_.size(); ++i) {
    const LayerPlan& layer = plan_[i];
    const bool last = i + 1 == plan_.size();
    const auto options =
        nn::Conv2dOptions(channels, layer.channels, {layer.kernel_height, layer.kernel_width})
            .padding({layer.pad_height, layer.pad_width})
            .bias(last);
    convolutions_.push_back(register_module("conv" + std::to_string(i), nn::Conv2d(options)));
    nn::init::kaiming_normal_(convolutions_.back()->weight, 0.0, torch::kFanIn, torch::kReLU);
    if (!last) norms_.push_back(register_module("norm" + std::to_string(i), nn::BatchNorm2d(layer.channels)));
    channels = layer.channels;
  }
}

torch::Tensor CtcNetworkImpl::convolve(std::size_t layer, const torch::Tensor& x) {
  constexpr std::array<std::int64_t, 2> kNoStride = {1, 1};
  const std::array<std::int64_t, 2> pads = {plan_[layer].pad_height, plan_[layer].pad_width};
  const bool reduced = bfloat16_ && is_training() && x.size(3) <= kWidestBfloat16;
  torch::Tensor weight = convolutions_[layer]->weight;
  const auto own = weight.scalar_type();
  const auto type = reduced ? torch::kBFloat16 : own;
  if (layer >= norms_.size()) {
    const torch::Tensor bias = convolutions_[layer]->bias.to(type);
    return torch::conv2d(x.to(type), weight.to(type), bias, kNoStride, pads).to(own);
  }
  nn::BatchNorm2d& norm = norms_[layer];
  if (!frozen_) return norm(torch::conv2d(x.to(type), weight.to(type), {}, kNoStride, pads).to(own));
  // Statistics that stand still are factors of the weights: two passes over the layer's output fewer.
  const torch::Tensor scale = norm->weight * torch::rsqrt(norm->running_var + norm->options.eps());
  weight = weight * scale.view({-1, 1, 1, 1});
  const torch::Tensor bias = norm->bias - norm->running_mean * scale;
  return torch::conv2d(x.to(type), weight.to(type), bias.to(type), kNoStride, pads);
}

torch::Tensor CtcNetworkImpl::forward(torch::Tensor ink) {
  torch::Tensor x = std::move(ink);
  if (bfloat16_ && is_training()) x = x.contiguous(torch::MemoryFormat::ChannelsLast);
  torch::Tensor before;  // what the layer before was given
  for (std::size_t i = 0; i < plan_.size(); ++i) {
    const LayerPlan& layer = plan_[i];
    if (i + 1 == plan_.size() && dropout_ > 0 && is_training()) {
      // The generator is the processor's; an accelerator's own is seeded with the run.
      torch::Tensor kept = torch::empty_like(x);
      kept = x.is_cpu() && dropout_generator_.defined() ? kept.bernoulli_(1 - dropout_, dropout_generator_)
                                                        : kept.bernoulli_(1 - dropout_);
      x = x * kept.div_(1 - dropout_);
    }
    const torch::Tensor given = x;
    x = convolve(i, x);
    if (i < norms_.size()) {
      if (layer.closes_residual) x = x + before;
      // Pooling first costs a quarter of the ReLUs and gives the same: both are monotone.
      if (layer.pool_height * layer.pool_width > 1) {
        x = torch::max_pool2d(x, {layer.pool_height, layer.pool_width},
                              {layer.pool_height, layer.pool_width});
      }
      x = torch::relu_(x);
    }
    before = given;
  }
  return x;
}

void CtcNetworkImpl::seed_dropout(std::uint64_t seed) {
  dropout_generator_ = at::detail::createCPUGenerator(seed);
}

torch::Device CtcNetworkImpl::device() const {
  return convolutions_.front()->weight.device();
}

void CtcNetworkImpl::freeze_statistics() {
  for (nn::BatchNorm2d& norm : norms_) norm->eval();
  frozen_ = true;
}

void CtcNetworkImpl::train_in_bfloat16() {
  bfloat16_ = true;
  for (nn::Conv2d& convolution : convolutions_) {
    convolution->weight.set_data(convolution->weight.data().contiguous(torch::MemoryFormat::ChannelsLast));
  }
}

std::pair<torch::Tensor, torch::Tensor> CtcNetworkImpl::folded(std::size_t layer) const {
  torch::NoGradGuard no_grad;
  const auto exact = [](const torch::Tensor& values) { return values.detach().cpu().to(torch::kDouble); };
  const torch::Tensor weight = exact(convolutions_[layer]->weight);
  if (layer >= norms_.size()) {
    return {weight.to(torch::kFloat).contiguous(), convolutions_[layer]->bias.detach().cpu().contiguous().clone()};
  }
  const nn::BatchNorm2d& norm = norms_[layer];
  const torch::Tensor scale = exact(norm->weight) / (exact(norm->running_var) + norm->options.eps()).sqrt();
  const torch::Tensor bias = exact(norm->bias) - exact(norm->running_mean) * scale;
  return {(weight * scale.view({-1, 1, 1, 1})).to(torch::kFloat).contiguous(),
          bias.to(torch::kFloat).contiguous()};
}

CtcNetworkImpl::FoldedLayer CtcNetworkImpl::folded_layer(std::size_t layer) {
  torch::NoGradGuard no_grad;
  if (layer >= norms_.size()) return {convolutions_[layer]->weight.data(), convolutions_[layer]->bias.data()};
  nn::BatchNorm2d& norm = norms_[layer];
  norm->running_mean.zero_();
  norm->running_var.fill_(1 - norm->options.eps());
  norm->weight.data().fill_(1);
  return {convolutions_[layer]->weight.data(), norm->bias.data()};
}

Batch make_batch(const std::vector<Sample>& samples) {
  Batch batch;
  const auto count = static_cast<std::int64_t>(samples.size());
  int width = recognizer::kFrameStridePx;
  for (const Sample& sample : samples) width = std::max(width, sample.input.width_px);
  batch.ink = torch::zeros({count, 1, recognizer::kInputHeightPx, width});
  batch.frame_counts = torch::empty({count}, torch::kLong);
  batch.target_lengths = torch::empty({count}, torch::kLong);
  auto* frame_counts = batch.frame_counts.data_ptr<std::int64_t>();
  auto* target_lengths = batch.target_lengths.data_ptr<std::int64_t>();
  std::vector<std::int64_t> targets;
  float* ink = batch.ink.data_ptr<float>();
  for (std::int64_t i = 0; i < count; ++i) {
    const Sample& sample = samples[static_cast<std::size_t>(i)];
    for (int y = 0; y < recognizer::kInputHeightPx; ++y) {
      std::copy_n(sample.input.pixels.begin() + static_cast<std::ptrdiff_t>(y) * sample.input.width_px,
                  sample.input.width_px, ink + (i * recognizer::kInputHeightPx + y) * width);
    }
    frame_counts[i] = kFramesPerColumn * sample.input.width_px / recognizer::kFrameStridePx;
    target_lengths[i] = static_cast<std::int64_t>(sample.text.size());
    for (const char symbol : sample.text) targets.push_back(class_of(symbol));
    batch.texts.push_back(sample.text);
    if (!sample.marks_labelled) {
      if (!batch.silent_marks.defined()) batch.silent_marks = torch::zeros({count, 1}, torch::kBool);
      batch.silent_marks[i][0] = true;
    }
  }
  batch.targets = torch::tensor(targets, torch::kLong);
  return batch;
}

void Batch::move_to(torch::Device device) {
  ink = ink.to(device);
  targets = targets.to(device);
  if (silent_marks.defined()) silent_marks = silent_marks.to(device);
}

torch::Tensor frames_of(const torch::Tensor& scores) {
  const torch::Tensor columns = scores.squeeze(2).permute({0, 2, 1});
  return columns.reshape({scores.size(0), kFramesPerColumn * columns.size(1), kClassCount});
}

torch::Tensor ctc_losses(const torch::Tensor& scores, const Batch& batch) {
  torch::Tensor log_probabilities = torch::log_softmax(frames_of(scores).permute({1, 0, 2}), 2);
  if (batch.silent_marks.defined()) {
    const int first = class_of(',');
    const int last = class_of('=');
    const torch::Tensor blank = log_probabilities.slice(2, 0, 1);
    const torch::Tensor either =
        torch::logsumexp(torch::cat({blank, log_probabilities.slice(2, first, last + 1)}, 2), {2}, true);
    log_probabilities = torch::cat(
        {torch::where(batch.silent_marks.unsqueeze(0), either, blank), log_probabilities.slice(2, 1)}, 2);
  }
  return torch::ctc_loss(log_probabilities, batch.targets, batch.frame_counts, batch.target_lengths, 0,
                         at::Reduction::None, true);
}

double log_probability(const float* log_probabilities, int frames, const std::string& text) {
  constexpr double kNever = -std::numeric_limits<double>::infinity();
  const std::size_t states = 2 * text.size() + 1;
  std::vector<int> classes(states, 0);
  for (std::size_t i = 0; i < text.size(); ++i) classes[2 * i + 1] = class_of(text[i]);
  std::vector<double> alpha(states, kNever);
  std::vector<double> next(states, kNever);
  alpha[0] = log_probabilities[0];
  if (states > 1) alpha[1] = log_probabilities[classes[1]];
  for (int t = 1; t < frames; ++t) {
    const float* frame = log_probabilities + static_cast<std::ptrdiff_t>(t) * kClassCount;
    for (std::size_t s = 0; s < states; ++s) {
      double sum = alpha[s];
      if (s >= 1) sum = log_add(sum, alpha[s - 1]);
      if (s >= 2 && classes[s] != 0 && classes[s] != classes[s - 2]) sum = log_add(sum, alpha[s - 2]);
      next[s] = sum + static_cast<double>(frame[classes[s]]);
    }
    std::swap(alpha, next);
  }
  return states > 1 ? log_add(alpha[states - 1], alpha[states - 2]) : alpha[0];
}

std::string greedy_text(const float* log_probabilities, int frames) {
  std::string text;
  int previous = 0;
  for (int t = 0; t < frames; ++t) {
    const float* frame = log_probabilities + static_cast<std::ptrdiff_t>(t) * kClassCount;
    const int best = static_cast<int>(std::max_element(frame, frame + kClassCount) - frame);
    if (best != 0 && best != previous) text.push_back(kAlphabet[best - 1]);
    previous = best;
  }
  return text;
}

}  // namespace inkfield::training
