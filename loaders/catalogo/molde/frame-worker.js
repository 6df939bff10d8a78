// A page that is opened from a disk may start no worker: its search then works in a hidden frame.
if (location.protocol === "file:") {
  // As between threads: a copy, and never before who posts has ended.
  const later = (data, tell) => {
    const copy = structuredClone(data);
    setTimeout(() => tell(new MessageEvent("message", { data: copy })));
  };
  window.Worker = class {
    constructor(url) {
      this.waiting = [];
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.append(this.frame);
      this.inside = this.frame.contentWindow;
      this.inside.postMessage = (data) => later(data, (event) => this.onmessage?.(event));
      const script = this.inside.document.createElement("script");
      script.src = url;
      script.onload = () => {
        this.ready = true;
        this.waiting.forEach((data) => this.postMessage(data));
      };
      this.inside.document.body.append(script);
    }
    postMessage(data) {
      if (!this.ready) this.waiting.push(data);
      else later(data, (event) => this.inside.onmessage?.(event));
    }
    terminate() {
      this.frame.remove();
    }
  };
}
