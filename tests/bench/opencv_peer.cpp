// OpenCV's DNN module, as its manual says to use it: read the file, set an input, forward; on one thread.
#include <opencv2/core.hpp>
#include <opencv2/core/utility.hpp>
#include <opencv2/dnn.hpp>

#include "tests/bench/peer.h"

namespace inkfield::bench {
namespace {

class OpenCvPeer : public Peer {
 public:
  explicit OpenCvPeer(const PeerSetup& setup) : dims_{setup.batch, 1, setup.height, setup.width} {
    cv::setNumThreads(1);
    net_ = cv::dnn::readNetFromONNX(setup.path);
    net_.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    net_.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
  }

  void run(const float* input, std::vector<float>& scores) override {
    net_.setInput(cv::Mat(4, dims_, CV_32F, const_cast<float*>(input)));
    const cv::Mat out = net_.forward();
    scores.assign(out.ptr<float>(), out.ptr<float>() + out.total());
  }

 private:
  int dims_[4];
  cv::dnn::Net net_;
};

}  // namespace
}  // namespace inkfield::bench

extern "C" const inkfield::bench::PeerLibrary* inkfield_bench_peer() {
  static const inkfield::bench::PeerLibrary library{
      .name = "opencv",
      .version = cv::getVersionString(),
      .make = [](const inkfield::bench::PeerSetup& setup) -> inkfield::bench::Peer* {
        return new inkfield::bench::OpenCvPeer(setup);
      }};
  return &library;
}
