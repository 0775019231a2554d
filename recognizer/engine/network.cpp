// Runs the steps of a plan. Inputs share nothing but the weights, so no answer can depend on what else is in
// the batch.
#include "recognizer/engine/network.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "recognizer/engine/kernels.h"
#include "recognizer/engine/network_int8.h"
#include "recognizer/engine/network_layout.h"
#include "recognizer/engine/network_metadata.h"
#include "recognizer/engine/network_plan.h"
#include "recognizer/engine/network_run.h"
#include "recognizer/engine/onnx_reader.h"
#include "recognizer/error.h"

namespace inkfield::recognizer {
struct Network::Scratch::Impl {
  ByteBuffer memory;
  // The layout of the last run, kept while network and width stay the same.
  std::uint64_t plan_id = 0;
  int width_px = 0;
  Layout layout;
};

Network::Scratch::Scratch() : impl_(std::make_unique<Impl>()) {}
Network::Scratch::~Scratch() = default;
Network::Scratch::Scratch(Scratch&&) noexcept = default;
Network::Scratch& Network::Scratch::operator=(Scratch&&) noexcept = default;

struct Network::Impl {
  NetworkPlan plan;
  NetworkFacts facts;
  const Kernels* kernels = nullptr;
  std::uint64_t id = 0;

  void prepare(int width_px, int batch, Scratch::Impl& scratch) const {
    const bool same = scratch.plan_id == id && scratch.width_px == width_px;
    if (same && scratch.layout.group >= batch) return;
    const auto sizes = plan.sizes(width_px);
    const int group = group_size(plan, sizes, batch);
    if (same && scratch.layout.group >= group) return;
    scratch.plan_id = 0;  // nothing half done is ever taken for ready
    scratch.layout = lay_out(plan, sizes, group);
    scratch.memory.at_least(static_cast<std::size_t>(scratch.layout.bytes));
    scratch.plan_id = id;
    scratch.width_px = width_px;
  }
};

Network::Network(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Network::~Network() = default;
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;

Network Network::from_onnx(std::span<const std::uint8_t> onnx, const NetworkOptions& options) {
  return from_model(onnx::read_model(onnx), options);
}

Network Network::from_model(const onnx::Model& model, const NetworkOptions& options) {
  static std::atomic<std::uint64_t> next_id{1};
  auto impl = std::make_unique<Impl>();
  impl->kernels = options.kernels != nullptr ? options.kernels : &best_kernels();
  impl->plan = plan_network(model);
  impl->facts = read_facts(model, impl->plan);
  const bool has_ranges = !impl->facts.int8_ranges.empty();
  if (options.precision == Precision::int8 || (options.precision == Precision::fastest && has_ranges)) {
    use_int8(impl->plan, impl->facts.int8_ranges, *impl->kernels);
    impl->facts.precision = Precision::int8;
    impl->facts.layers = impl->plan.layers;
  }
  lay_weights(impl->plan);
  impl->id = next_id.fetch_add(1);
  return Network(std::move(impl));
}

Network Network::from_file(const std::string& path, const NetworkOptions& options) {
  auto bytes = onnx::ModelBytes::of_file(path);
  try {
    return from_model(onnx::read_model(bytes), options);
  } catch (const Error& error) {
    throw Error(error.kind(), path + ": " + error.what());
  }
}

void Network::measure(std::span<const float> input, int width_px, Scratch& scratch,
                      std::map<std::string, float>& largest) const {
  const auto& plan = impl_->plan;
  auto& work = *scratch.impl_;
  impl_->prepare(width_px, 1, work);
  const GroupRun group(plan, *impl_->kernels, work.layout, work.memory);
  const auto inputs = int8_inputs(plan);
  // At once after it was made: later values take its memory.
  const auto record = [&](int value) {
    if (std::find(inputs.begin(), inputs.end(), value) == inputs.end()) return;
    float& most = largest[plan.values[static_cast<std::size_t>(value)].name];
    most = std::max(most, group.largest(value, 0));
  };
  group.load_image(input.data(), 0);
  record(0);
  for (std::size_t s = 0; s < plan.steps.size(); ++s) {
    group.run_step(s, 0, 1);
    record(plan.steps[s].output);
  }
}

const NetworkFacts& Network::facts() const { return impl_->facts; }

std::int64_t Network::multiply_adds(int width_px) const {
  return impl_->plan.multiply_adds(impl_->plan.sizes(width_px));
}

int Network::run(std::span<const float> input, int batch, int width_px, Scratch& scratch,
                 std::vector<float>& scores) const {
  const auto& plan = impl_->plan;
  if (plan.fixed_width_px != 0 && width_px != plan.fixed_width_px) {
    throw Error(ErrorKind::invalid_argument, "the network takes inputs " +
                                                 std::to_string(plan.fixed_width_px) + " px wide, found " +
                                                 std::to_string(width_px));
  }
  if (width_px < 1 || width_px > kMaxInputWidthPx || width_px % impl_->facts.frame_stride_px != 0) {
    throw Error(ErrorKind::invalid_argument, "an input " + std::to_string(width_px) +
                                                 " px wide; expected a multiple of " +
                                                 std::to_string(impl_->facts.frame_stride_px) + " up to " +
                                                 std::to_string(kMaxInputWidthPx));
  }
  const auto pixels = static_cast<std::size_t>(plan.input_height_px) * static_cast<std::size_t>(width_px);
  if (batch < 0 || input.size() / pixels < static_cast<std::size_t>(batch)) {
    throw Error(ErrorKind::invalid_argument, "the input holds fewer than " + std::to_string(batch) +
                                                 " images of " + std::to_string(pixels) + " pixels");
  }
  auto& work = *scratch.impl_;
  impl_->prepare(width_px, batch, work);
  const auto frames =
      static_cast<std::size_t>(work.layout.values[static_cast<std::size_t>(plan.output)].size.width);
  scores.resize(static_cast<std::size_t>(batch) * frames * static_cast<std::size_t>(plan.class_count));
  float* to = scores.data();
  const auto grouped = static_cast<std::size_t>(plan.first_grouped_step);
  const GroupRun group(plan, *impl_->kernels, work.layout, work.memory);
  for (int first = 0; first < batch; first += work.layout.group) {
    const int images = std::min(work.layout.group, batch - first);
    for (int i = 0; i < images; ++i) {
      group.load_image(input.data() + static_cast<std::size_t>(first + i) * pixels, i);
      for (std::size_t s = 0; s < grouped; ++s) group.run_step(s, i, 1);
    }
    for (std::size_t s = grouped; s < plan.steps.size(); ++s) group.run_step(s, 0, images);
    for (int i = 0; i < images; ++i) to = group.store_scores(i, to);
  }
  // Frames of one column lie side by side in its classes.
  return static_cast<int>(frames) * impl_->facts.frames_per_column;
}

}  // namespace inkfield::recognizer
