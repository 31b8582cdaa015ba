// src/core/media.ts
var e = 32768;
function t(e, t) {
	let n = new DataView(e);
	n.setUint8(0, t.kind), n.setUint8(1, t.flags), n.setUint16(2, t.stream, !0), n.setUint32(4, t.seq, !0), n.setUint32(8, t.sample % 2 ** 32, !0), n.setUint32(12, Math.floor(t.sample / 2 ** 32), !0);
}
// src/core/onset.ts
var n = 5, r = 200, i = -65, a = -6, o = 250, s = class {
	confirmed = !1;
	noiseDb = i;
	couplingDb = a;
	block;
	playedDb = new Float32Array(o / n).fill(-96);
	slot = 0;
	loud = 0;
	quietMs = r;
	worstDb = -96;
	constructor(e) {
		this.block = Math.round(e * n / 1e3);
	}
	feed(e, t) {
		let n = !1;
		for (let r = 0; r + this.block <= e.length; r += this.block) this.playedDb[this.slot] = t, this.slot = (this.slot + 1) % this.playedDb.length, n = this.take(c(e, r, r + this.block)) || n;
		return n;
	}
	falseAlarm() {
		this.couplingDb = Math.max(this.couplingDb, Math.min(this.worstDb, 6));
	}
	take(e) {
		let t = this.loudestPlayedDb(), i = e > Math.max(-50, this.noiseDb + 12, t <= -96 ? -96 : t + this.couplingDb + 6), a = this.quietMs < r;
		this.loud = i ? this.loud + 1 : 0, this.quietMs = i && a ? 0 : this.quietMs + n, this.followNoise(e);
		let o = this.loud >= 2 && !a;
		return o && (this.quietMs = 0, this.worstDb = -96), t > -40 && this.followEcho(e - t, a || o, i), o;
	}
	loudestPlayedDb() {
		let e = -96;
		for (let t of this.playedDb) e = Math.max(e, t);
		return e;
	}
	followNoise(e) {
		e > this.noiseDb ? this.noiseDb += .03 : this.noiseDb += (e - this.noiseDb) * .1, this.noiseDb = Math.max(this.noiseDb, i);
	}
	followEcho(e, t, n) {
		if (t) this.worstDb = Math.max(this.worstDb, e);
		else if (!n && !this.confirmed) {
			let t = this.couplingDb + .3, n = this.couplingDb - .02;
			this.couplingDb = Math.min(t, Math.max(n, e));
		}
	}
};
function c(e, t, n) {
	let r = 0;
	for (let i = t; i < n; i++) r += e[i] ** 2;
	return Math.max(-96, 10 * Math.log10(r / Math.max(1, n - t)));
}
// src/core/resampler.ts
var l = 16, u = .92, d = class {
	reach;
	up;
	down;
	taps;
	buffer;
	first;
	end = 0;
	whole = 0;
	phase = 0;
	ended = !1;
	constructor(e, t) {
		let n = m(e, t);
		this.up = t / n, this.down = e / n;
		let r = Math.min(1, t / e) * u;
		this.reach = e === t ? 1 : Math.ceil(l / r), this.taps = e === t ? [Float32Array.of(1, 0)] : f(this.reach, this.up, r), this.first = 1 - this.reach, this.buffer = new Float32Array(4096 + 2 * this.reach);
	}
	get position() {
		return this.whole;
	}
	get pushed() {
		return this.end;
	}
	push(e) {
		this.makeRoom(e.length), this.buffer.set(e, this.end - this.first), this.end += e.length;
	}
	finish() {
		this.ended || (this.ended = !0, this.makeRoom(this.reach), this.buffer.fill(0, this.end - this.first, this.end - this.first + this.reach));
	}
	read(e, t, n) {
		let r = this.ended ? this.end : this.end - this.reach, { buffer: i, reach: a, up: o, down: s, taps: c } = this, l = 0;
		for (; l < n && this.whole < r;) {
			let n = c[this.phase], r = this.whole - a + 1 - this.first, u = 0;
			for (let e = 0; e < n.length; e++) u += n[e] * i[r + e];
			for (e[t + l++] = u, this.phase += s; this.phase >= o;) this.phase -= o, this.whole++;
		}
		return l;
	}
	makeRoom(e) {
		if (this.end - this.first + e <= this.buffer.length) return;
		let t = Math.min(this.whole - this.reach + 1, this.end), n = this.buffer.subarray(t - this.first, this.end - this.first), r = n.length + e, i = r > this.buffer.length / 2 ? new Float32Array(2 * r) : this.buffer;
		i === this.buffer ? i.copyWithin(0, n.byteOffset / 4, n.byteOffset / 4 + n.length) : i.set(n), this.buffer = i, this.first = t;
	}
};
function f(e, t, n) {
	let r = [];
	for (let i = 0; i < t; i++) {
		let a = new Float32Array(2 * e), o = 0;
		for (let r = 0; r < a.length; r++) {
			let s = r - e + 1 - i / t, c = s === 0 ? 1 : Math.sin(Math.PI * n * s) / (Math.PI * n * s);
			a[r] = c * p(s / e), o += a[r];
		}
		r.push(a.map((e) => e / o));
	}
	return r;
}
function p(e) {
	return Math.abs(e) >= 1 ? 0 : .42 + .5 * Math.cos(Math.PI * e) + .08 * Math.cos(2 * Math.PI * e);
}
function m(e, t) {
	return t === 0 ? e : m(t, e % t);
}
// src/audio/worklet_scope.ts
var h = globalThis, g = (e, t) => h.registerProcessor(e, t), _ = h.AudioWorkletProcessor, v = h.sampleRate, y = () => h.currentFrame, b = class {
	id;
	rateHz;
	frame;
	filled = 0;
	sample = 0;
	seq = 0;
	sound;
	onset;
	constructor(e, t, n) {
		this.id = e, this.rateHz = t, this.sound = new d(v, t), this.onset = new s(t), this.frame = new Float32Array(Math.round(t * n / 1e3));
	}
}, x = class extends _ {
	hub = null;
	stream = null;
	muted = !1;
	stopped = !1;
	frames = 0;
	voice = null;
	voiceDb = -96;
	silence = /* @__PURE__ */ new Float32Array(128);
	constructor() {
		super(), this.port.onmessage = ({ data: e }) => this.control(e);
	}
	process(e) {
		if (this.stopped) return !1;
		let t = this.stream;
		if (!t) return !0;
		let n = e[0]?.[0] ?? this.silence;
		for (t.sound.push(this.muted ? this.silence.subarray(0, n.length) : n);;) {
			let e = t.frame.length - t.filled, r = t.sound.read(t.frame, t.filled, e);
			if (t.filled += r, r < e) return !0;
			this.send(t, (y() + n.length) / v);
		}
	}
	control(e) {
		"hub" in e ? (this.hub = e.hub, this.hub.onmessage = ({ data: e }) => this.command(e)) : "mute" in e ? this.muted = e.mute : "voice" in e ? (this.voice = e.voice, this.voice.onmessage = ({ data: e }) => this.fromVoice(e)) : (this.stopped = !0, this.stream = null, this.hub?.close(), this.voice?.close());
	}
	fromVoice(e) {
		let t = this.stream?.onset;
		"levelDb" in e ? this.voiceDb = e.levelDb : t && "confirmed" in e ? t.confirmed = e.confirmed : t?.falseAlarm();
	}
	command(e) {
		let t = e.do === "open";
		this.stream = t ? new b(e.stream, e.rateHz, e.frameMs) : null;
	}
	send(n, r) {
		let i = n.frame.length, a = /* @__PURE__ */ new ArrayBuffer(16 + 2 * i);
		t(a, {
			kind: 1,
			flags: 0,
			stream: n.id,
			seq: n.seq,
			sample: n.sample
		});
		let o = new Int16Array(a, 16);
		for (let t = 0; t < i; t++) {
			let r = Math.round(n.frame[t] * e);
			o[t] = Math.max(-32768, Math.min(32767, r));
		}
		let s = {
			stream: n.id,
			sample: n.sample,
			count: i,
			at: r,
			frame: a
		};
		this.hub?.postMessage(s, [a]), this.analyse(n), n.sample += i, n.seq = (n.seq + 1) % 2 ** 32, n.filled = 0;
	}
	analyse(e) {
		if (e.onset.feed(e.frame, this.voiceDb) && this.voice?.postMessage({ onset: !0 }), this.frames++ % 5 == 0) {
			let t = 0;
			for (let n of e.frame) t = Math.max(t, Math.abs(n));
			let n = { levelDb: Math.max(-96, 20 * Math.log10(t)) };
			this.port.postMessage(n);
		}
	}
}, S = 10 ** (-12 / 20), C = 100, w = 1e3, T = class {
	reply;
	stream;
	rateHz;
	outHz;
	loudness = "raised";
	running = !1;
	started = !1;
	done = !1;
	wasCut = !1;
	underruns = 0;
	statusAt = -Infinity;
	total = null;
	gain = 1;
	goal = 1;
	step = 0;
	sound;
	constructor(e, t, n, r) {
		this.reply = e, this.stream = t, this.rateHz = n, this.outHz = r, this.sound = new d(n, r);
	}
	get played() {
		return Math.min(this.sound.position, this.total ?? this.sound.pushed);
	}
	get buffered() {
		return this.done ? 0 : this.sound.pushed - this.played;
	}
	feed(t, n) {
		if (this.total !== null || this.wasCut) return;
		let r = t - this.sound.pushed;
		if (r > 0) {
			let e = w * this.rateHz / 1e3;
			this.sound.push(new Float32Array(Math.min(r, e)));
		}
		let i = r < 0 ? n.subarray(-r) : n, a = new Float32Array(i.length);
		for (let t = 0; t < i.length; t++) a[t] = i[t] / e;
		this.sound.push(a);
	}
	end(e) {
		this.total ??= e, this.sound.finish();
	}
	set(e) {
		if (this.wasCut || e === this.loudness) return;
		this.loudness = e;
		let t = {
			raised: 1,
			lowered: S,
			paused: 0
		};
		this.goal = t[e], this.running ? this.ramp(this.goal, e === "paused" ? 10 : 5) : this.gain = this.goal;
	}
	cut() {
		this.wasCut || this.done || (this.wasCut = !0, this.ramp(0, 10), this.running || (this.done = !0));
	}
	render(e, t) {
		if (this.done) return !1;
		let n = this.running;
		if (!this.running && !this.mayRun()) return this.finishIfEnded();
		let r = this.sound.read(t, 0, e.length);
		return r > 0 && !n && this.go(), this.mix(e, t, r), r < e.length && (this.running = !1), this.silenced() && this.stop(), this.finishIfEnded() ? !0 : (n && !this.running && !this.wasCut && this.loudness !== "paused" && this.underruns++, n !== this.running || this.done);
	}
	mayRun() {
		return this.loudness === "paused" && this.gain === 0 ? !1 : this.started || this.total !== null ? !0 : this.sound.pushed >= 40 * this.rateHz / 1e3;
	}
	go() {
		if (this.running = !0, !this.started) {
			this.started = !0;
			return;
		}
		let e = this.goal;
		this.gain = 0, this.ramp(e, 5);
	}
	silenced() {
		return this.gain === 0 && this.goal === 0;
	}
	stop() {
		this.running = !1, this.wasCut && (this.done = !0);
	}
	finishIfEnded() {
		return this.done ? !0 : this.total === null || this.running ? !1 : (this.done = this.sound.position >= Math.min(this.total, this.sound.pushed), this.done);
	}
	ramp(e, t) {
		this.goal = e, this.step = (e - this.gain) / Math.max(1, t * this.outHz / 1e3), this.step === 0 && (this.gain = e);
	}
	mix(e, t, n) {
		for (let r = 0; r < n; r++) this.gain !== this.goal && (this.gain += this.step, this.step > 0 == this.gain > this.goal && (this.gain = this.goal)), e[r] = e[r] + t[r] * this.gain;
	}
}, E = class {
	outHz;
	report;
	lines = [];
	scratch = /* @__PURE__ */ new Float32Array(4096);
	constructor(e, t) {
		this.outHz = e, this.report = t;
	}
	get current() {
		let e = this.lines.at(-1);
		return e && !e.done && !e.wasCut ? e : null;
	}
	begin(e, t, n) {
		for (let e of this.lines) e.cut();
		this.lines.push(new T(e, t, n, this.outHz));
	}
	feed(e, t, n) {
		let r = this.lines.at(-1);
		r && r.stream === e && r.feed(t, n);
	}
	end(e, t) {
		this.find(e)?.end(t);
	}
	cut(e) {
		this.find(e)?.cut();
	}
	cutAll() {
		for (let e of this.lines) e.cut();
	}
	set(e) {
		this.lines.at(-1)?.set(e);
	}
	render(e, t) {
		e.fill(0);
		for (let n of this.lines) {
			let r = n.played, i = n.running, a = n.render(e, this.scratch), o = (t - n.statusAt) * 1e3 >= C * this.outHz;
			a && n.running && !i ? this.reportStatus(n, t, r) : (a || n.done || o) && this.reportStatus(n, t + e.length, n.played);
		}
		this.lines.some((e) => e.done) && (this.lines = this.lines.filter((e) => !e.done));
	}
	find(e) {
		return this.lines.find((t) => t.reply === e);
	}
	reportStatus(e, t, n) {
		e.statusAt = t, this.report({
			reply: e.reply,
			at: t / this.outHz,
			sample: n,
			running: e.running,
			buffered: e.buffered,
			underruns: e.underruns,
			done: e.done,
			cut: e.wasCut
		});
	}
}, D = 400, O = 20, k = class extends _ {
	hub = null;
	stopped = !1;
	reply = null;
	alarmFrame = Infinity;
	capture = null;
	power = 0;
	powerFrames = 0;
	sentDb = -96;
	playout;
	constructor() {
		super(), this.playout = new E(v, (e) => {
			this.hub?.postMessage(e), this.port.postMessage(e);
		}), this.port.onmessage = ({ data: e }) => this.control(e);
	}
	process(e, t) {
		if (this.stopped) return !1;
		let n = t[0]?.[0];
		return n && (y() >= this.alarmFrame && this.falseAlarm(), this.playout.render(n, y()), this.capture && this.measure(n)), !0;
	}
	lower() {
		let e = this.playout.current;
		e?.started && e.loudness === "raised" && (this.alarmFrame = y() + D * v / 1e3, this.playout.set("lowered"));
	}
	measure(e) {
		for (let t = 0; t < e.length; t++) this.power += e[t] ** 2;
		if (this.powerFrames += e.length, this.powerFrames * 1e3 < O * v) return;
		let t = Math.max(-96, 10 * Math.log10(this.power / this.powerFrames));
		t !== this.sentDb && this.sendToCapture({ levelDb: t }), this.sentDb = t, this.power = 0, this.powerFrames = 0;
	}
	sendToCapture(e) {
		this.capture?.postMessage(e);
	}
	control(e) {
		"hub" in e ? (this.hub = e.hub, this.hub.onmessage = ({ data: e }) => this.command(e)) : "capture" in e ? (this.capture = e.capture, this.capture.onmessage = (e) => this.lower()) : (this.stopped = !0, this.hub?.close(), this.capture?.close());
	}
	command(e) {
		switch (e.do) {
			case "begin": return this.clearAlarm(), this.reply = e.reply, this.playout.begin(e.reply, e.stream, e.rateHz);
			case "feed": return this.playout.feed(e.stream, e.sample, new Int16Array(e.frame, 16));
			case "end": return this.playout.end(e.reply, e.samples);
			case "cut": return this.playout.cut(e.reply);
			case "cutAll": return this.playout.cutAll();
			case "turn": return this.turn(e);
		}
	}
	turn({ reply: e, ducked: t, paused: n }) {
		this.sendToCapture({ confirmed: t }), e === this.reply && (t ? (this.clearAlarm(), this.playout.set(n ? "paused" : "lowered")) : this.alarmFrame === Infinity && this.playout.set("raised"));
	}
	falseAlarm() {
		this.clearAlarm(), this.sendToCapture({ falseAlarm: !0 }), this.playout.set("raised");
	}
	clearAlarm() {
		this.alarmFrame = Infinity;
	}
};
g("frametalk-capture", x), g("frametalk-voice", k);
