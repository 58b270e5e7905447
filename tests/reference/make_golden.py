"""Writes the golden arrays of this folder from refmodel.py and data/hcp.npz (numpy + scipy).

    python make_golden.py                # a few minutes; everything but ensemble_scores.npz
    python make_golden.py --ensemble 8   # scores of the tutorial's run for 8 seeds, printed; writes nothing

All is computed in float64.  Trajectories are stored in float32, whose rounding (6e-8) is far below the
tolerance they serve (2e-6); whatever is fed into a run or a measure is stored in float64.
"""
import argparse
import os
import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq
import refmodel as R

here = os.path.dirname(os.path.abspath(__file__))
DT = 0.1


def save(name, outputs, **inputs):
    f = os.path.join(here, name)
    np.savez_compressed(f, **inputs, **{key: value.astype(np.float32) for key, value in outputs.items()})
    print(name, os.path.getsize(f))


def hcp(speed=20.0):
    d = np.load(os.path.join(here, "..", "..", "data", "hcp.npz"))
    C = d["Cmat"].copy()
    np.fill_diagonal(C, 0.0)
    return d, C, R.delay_steps(d["Dmat"], speed, DT)


# ------------------------------------------------------------------ (a) single nodes
def single_nodes():
    out, states = {}, {}

    def put(tag, model, p, x0, y0, n, inp, method="exp_auto", every=1):
        t, x, y = R.simulate_nodes(model, p, x0, y0, n, inp=inp, method=method, record_every=every)
        states.update({f"{tag}_x": x, f"{tag}_y": y})
        out.update({f"{tag}_t": t, f"{tag}_x0": np.array(x0, float), f"{tag}_y0": np.array(y0, float),
                    f"{tag}_input": np.array(inp, float)})

    put("wc_tutorial", R.wc_tutorial, R.WC_TUTORIAL, [-0.2, 1.0], [0.0, 1.0], 100, -0.5)
    put("wc_tutorial_long", R.wc_tutorial, R.WC_TUTORIAL, [-0.2, 1.0], [0.0, 1.0], 2000, -0.5, every=100)
    put("wc", R.wc, R.WC_TUTORIAL, [-0.2, 1.0, 0.3], [0.0, 1.0, 0.1], 300, [-0.5, -0.5, 1.25])
    put("wc_defaults", R.wc, R.WC, [0.02, 0.5], [0.03, 0.1], 500, 1.0)
    i = np.array([0.0, 0.5, 0.72, 0.8, 1.0, 1.2, 1.4, 2.0])
    put("fhn", R.fhn, R.FHN, np.full(8, 0.02), np.full(8, 0.03), 2000, i)
    put("fhn_euler", R.fhn, R.FHN, np.full(8, 0.02), np.full(8, 0.03), 1000, i, "euler")
    put("fhn_rk4", R.fhn, R.FHN, np.full(8, 0.02), np.full(8, 0.03), 1000, i, "rk4")
    put("qif", R.qif, R.QIF, [0.01, -1.0, 1.0], [0.02, 0.1, 1.0], 1000, [0.0, 1.0, 3.0])
    put("sl", R.sl, R.SL, [0.1, 0.4], [0.2, 0.0], 1000, [0.0, 0.05])
    put("sl_tutorial", R.sl_tutorial, R.SL, [0.1, 0.4], [0.2, 0.0], 1000, [0.0, 0.05])
    x0, y0 = np.array([0.1, -1.5, 0.3]), np.array([0.0, 0.2, -0.1])
    t, x, y = R.simulate_network(R.feedback_fhn, R.FEEDBACK_FHN, None, None, x0, y0, None, 2000, inp=0.5,
                                 fb_hist=0.0, record_every=1)
    states.update(feedback_fhn_x=x, feedback_fhn_y=y)
    out.update(feedback_fhn_t=t, feedback_fhn_x0=x0, feedback_fhn_y0=y0, feedback_fhn_input=np.array(0.5))
    e, q = np.array([1.0, 0.2, 0.0]), np.array([0.5, 0.1, 0.0])
    tl = [np.array([e, q])]
    for k in range(20):
        e, q = R.threshold_linear_step(e, q, 10.0, 5.0, R.THRESHOLD_LINEAR, 0.005)
        tl.append(np.array([e, q]))
    states["threshold_linear_dt0.005_Ie10_Ii5"] = np.array(tl)
    save("single_node.npz", states, **out)


# ------------------------------------------------------------------ (b) networks
def networks():
    d, C, D = hcp()
    N, L = 80, int(D.max())
    rng = np.random.default_rng(20220517)
    x0 = rng.uniform(0, 0.05, N)
    y0 = rng.uniform(0, 0.05, N)
    h = rng.uniform(0, 0.05, N)
    Hc = np.tile(h, (L, 1))                       # constant in time
    Hr = rng.uniform(0, 0.05, (L, N))             # tutorial-like: every past sample random
    Casym = C * rng.uniform(0.5, 1.5, C.shape)
    Dasym = (D * rng.uniform(0.5, 1.0, D.shape)).astype(np.int64)
    Dasym[0, 1] = L
    n = 2000
    base = dict(x0=x0, y0=y0, hist_const=h, hist_random=Hr, C_asym=Casym, D_asym=Dasym,
                dt=np.array(DT), input=np.array(0.72))        # C and D are data/hcp.npz's: see hcp()
    res = {}

    def put(tag, C, D, H, coupling="diffusive", order="push_before", method="exp_auto"):
        t, x, y = R.simulate_network(R.fhn, R.FHN, C, D, x0, y0, H, n, inp=0.72, coupling=coupling,
                                     order=order, method=method)
        res.update({f"{tag}_x": x, f"{tag}_y": y})
        base["t"] = t

    put("diffusive_const", C, D, Hc)
    put("diffusive_random", C, D, Hr)
    put("additive_const", 0.1 * C, D, Hc, coupling="additive")
    put("diffusive_nodelay", C, None, None)
    put("diffusive_asym", Casym, Dasym, Hr)
    put("additive_asym", 0.1 * Casym, Dasym, Hr, coupling="additive")
    put("diffusive_const_textbook", C, D, Hc, order="push_after")
    put("diffusive_random_textbook", C, D, Hr, order="push_after")
    zx, zy = rng.standard_normal((500, N)), rng.standard_normal((500, N))
    t, x, y = R.simulate_network(R.fhn, R.FHN, C, D, x0, y0, Hr, 500, inp=0.72,
                                 ou=dict(mean=0.0, sigma=0.01, tau=5.0, zx=zx, zy=zy))
    save("net_fhn.npz", res, **base)
    save("net_fhn_noise.npz", dict(x=x, y=y), x0=x0, y0=y0, hist_random=Hr, zx=zx, zy=zy, t=t,
         ou=np.array([0.0, 0.01, 5.0]))


# ------------------------------------------------------------------ (c) bifurcations
def classify(J):
    tr, q = np.trace(J), np.linalg.det(J)
    if q < 0:
        return "saddle node"
    e = tr * tr - 4 * q
    return ("unstable " if tr > 0 else "stable ") + ("focus" if e < 0 else "node")


def jac_fhn(x, y, p=R.FHN):
    return np.array([[-3 * p["alpha"] * x * x + 2 * p["beta"] * x + p["gamma"], -1.0],
                     [1 / p["tau"], -p["epsilon"] / p["tau"]]])


def jac_wc(x, y, xe, p, tutorial):
    r = p["r"]
    u, v = p["wEE"] * x - p["wIE"] * y + xe, p["wEI"] * x - p["wII"] * y
    Fu, dFu = R._sig(u, p["E_a"], p["E_theta"])
    Fv, dFv = R._sig(v, p["I_a"], p["I_theta"])
    if tutorial:
        g = (-1 - r * Fu + (1 - r * u) * dFu) / p["E_tau"]
        a, b = p["wEE"] * g, -p["wIE"] * g
    else:
        a = (-1 - r * Fu + (1 - r * x) * dFu * p["wEE"]) / p["E_tau"]
        b = -(1 - r * x) * dFu * p["wIE"] / p["E_tau"]
    c = (1 - r * y) * dFv * p["wEI"] / p["I_tau"]
    d = (-1 - r * Fv - (1 - r * y) * dFv * p["wII"]) / p["I_tau"]
    return np.array([[a, b], [c, d]])


def wc_branch(p, tutorial):
    """Equilibria as a curve over a scalar s: returns f(s) -> (x_ext, x, y) and the range of s."""
    r, ai, ti, ae, te = p["r"], p["I_a"], p["I_theta"], p["E_a"], p["E_theta"]
    F0i, F0e = 1 / (1 + np.exp(ai * ti)), 1 / (1 + np.exp(ae * te))

    def inv(F, a, th, F0):
        return th - np.log(1 / (F + F0) - 1) / a

    def v_of_y(y):
        return inv(y / (1 - r * y), ai, ti, F0i)

    if tutorial:                                  # s = y ; u = 0 is the only root of the x equation
        def f(y):
            x = (v_of_y(y) + p["wII"] * y) / p["wEI"]
            return p["wIE"] * y - p["wEE"] * x, x, y
        lo, hi = -F0i / (1 - r * F0i), (1 - F0i) / (1 + r * (1 - F0i))
    else:                                         # s = y, x from the y equation, x_ext from the x equation
        def f(y):
            x = (v_of_y(y) + p["wII"] * y) / p["wEI"]
            with np.errstate(all="ignore"):
                u = inv(x / (1 - r * x), ae, te, F0e)
            return u - p["wEE"] * x + p["wIE"] * y, x, y
        # y range such that x stays in its admissible interval
        xlo, xhi = -F0e / (1 - r * F0e), (1 - F0e) / (1 + r * (1 - F0e))
        ylo, yhi = -F0i / (1 - r * F0i), (1 - F0i) / (1 + r * (1 - F0i))
        eps = 1e-13
        gx = lambda y: (v_of_y(y) + p["wII"] * y) / p["wEI"]
        lo = brentq(lambda y: gx(y) - xlo, ylo + eps, yhi - eps, xtol=1e-16) if gx(ylo + eps) < xlo else ylo
        hi = brentq(lambda y: gx(y) - xhi, ylo + eps, yhi - eps, xtol=1e-16) if gx(yhi - eps) > xhi else yhi
    return f, lo, hi


def polish(model, p, x, y, xe):
    z = np.array([x, y])
    for _ in range(3):
        fx, fy = model(z[:1], z[1:], np.array([xe]), np.array([0.0]), p)[:2]
        J = JAC[model](z[0], z[1], xe, p)
        z = z - np.linalg.solve(J, np.array([fx[0], fy[0]]))
    return z


JAC = {R.wc_tutorial: lambda x, y, xe, p: jac_wc(x, y, xe, p, True),
       R.wc: lambda x, y, xe, p: jac_wc(x, y, xe, p, False),
       R.fhn: lambda x, y, xe, p: jac_fhn(x, y, p)}


def equilibria_on_grid(model, p, curve, lo, hi, grid, nscan=400001):
    s = lo + (hi - lo) * (1 - np.cos(np.linspace(0, np.pi, nscan)[1:-1])) / 2      # dense near the ends
    xe = curve(s)[0]
    rows = []
    for g in grid:
        z = xe - g
        k = np.where(z[:-1] * z[1:] <= 0)[0]
        for i in k:
            si = brentq(lambda q: curve(q)[0] - g, s[i], s[i + 1], xtol=1e-16, rtol=8.9e-16)
            _, x, y = curve(si)
            x, y = polish(model, p, x, y, g)
            rows.append((g, x, y))
    return np.array(rows), s


def turning_points(curve, s):
    """extrema of x_ext along the curve, to ~1e-12 in x_ext (golden section polished by parabola is not
    enough near machine precision, so the derivative's zero is bracketed with central differences of
    complex-step quality)."""
    xe = curve(s)[0]
    sg = np.sign(np.diff(xe))
    out = []
    for i in np.where(sg[1:] * sg[:-1] < 0)[0]:
        def dx(q, h=1e-20):
            return np.imag(curve(q + 1j * h)[0]) / h
        q = brentq(dx, s[i - 1], s[i + 3], xtol=1e-16, rtol=8.9e-16)
        out.append(np.real(np.array(curve(q))))
    return np.array(out)


def lyapunov_coefficient(J, fxx, fxxx):
    """l1 of x' = f(x, y), y' = linear, with only f_xx, f_xxx non-zero (Kuznetsov's formula)."""
    w0 = np.sqrt(np.linalg.det(J))
    lam, V = np.linalg.eig(J)
    q = V[:, np.argmax(lam.imag)]
    lam, U = np.linalg.eig(J.T)
    p = U[:, np.argmin(lam.imag)]
    p = p / np.conj(np.vdot(p, q))
    B = lambda a, b: np.array([fxx * a[0] * b[0], 0])
    Cc = lambda a, b, c: np.array([fxxx * a[0] * b[0] * c[0], 0])
    h11 = np.linalg.solve(J, B(q, np.conj(q)))
    h20 = np.linalg.solve(2j * w0 * np.eye(2) - J, B(q, q))
    s = np.vdot(p, Cc(q, q, np.conj(q))) - 2 * np.vdot(p, B(q, h11)) + np.vdot(p, B(np.conj(q), h20))
    return s.real / (2 * w0)


def fhn_limit_cycle(I, p=R.FHN):
    """amplitude and period from a return map on the ray y = y_eq, x > x_eq (DOP853, rtol 1e-12)."""
    roots = np.roots([p["alpha"], -p["beta"], -p["gamma"] + 1 / p["epsilon"], -I])
    xq = roots[np.abs(roots.imag) < 1e-9].real[0]
    yq = xq / p["epsilon"]

    def rhs(t, z):
        fx, fy = R.fhn(z[0], z[1], I, 0.0, p)[:2]
        return [fx, fy]

    def ev(t, z):
        return z[1] - yq
    ev.direction = 1                              # y rising <=> on the right branch x > x_eq
    ev.terminal = True
    t1 = 1.0                                      # leave the section before arming the event

    def ret(s):
        r1 = solve_ivp(rhs, (0, t1), [xq + s, yq], method="DOP853", rtol=1e-12, atol=1e-14, dense_output=True)
        r2 = solve_ivp(rhs, (t1, 400), r1.y[:, -1], method="DOP853", rtol=1e-12, atol=1e-14, events=ev,
                       dense_output=True)
        return r2.y_events[0][0][0] - xq, r2.t_events[0][0], (lambda t: r1.sol(t) if t < t1 else r2.sol(t))
    s0 = 0.3
    for _ in range(15):
        s0 = ret(s0)[0]
    a, b = s0 * 0.98, s0 * 1.02
    fa, fb = ret(a)[0] - a, ret(b)[0] - b
    for _ in range(60):                            # widen until bracketed
        if fa * fb < 0:
            break
        a, b = a * 0.9, b * 1.1
        fa, fb = ret(a)[0] - a, ret(b)[0] - b
    s = brentq(lambda q: ret(q)[0] - q, a, b, xtol=1e-12)
    _, T, sol = ret(s)
    ext = []
    for comp in (0, 1):
        tt = np.linspace(0, T, 4001)
        v = np.array([sol(q)[comp] for q in tt])
        for arg in (np.argmin(v), np.argmax(v)):
            g = lambda t, c=comp: rhs(t, sol(t % T))[c]
            lo, hi = tt[arg] - T / 4000 * 2, tt[arg] + T / 4000 * 2
            try:
                tm = brentq(g, lo, hi, xtol=1e-13)
            except ValueError:
                tm = tt[arg]
            ext.append(sol(tm % T)[comp])
    return xq, yq, ext[0], ext[1], ext[2], ext[3], T


def bifurcations():
    out = {}
    # FHN: x_ext = alpha x^3 - beta x^2 - gamma x + x/epsilon (delta = 0), monotone
    p = R.FHN
    g = np.arange(200) * 0.01
    rows = []
    for I in g:
        f = lambda x: p["alpha"] * x**3 - p["beta"] * x**2 - p["gamma"] * x + x / p["epsilon"] - I
        x = brentq(f, -2, 2, xtol=1e-16, rtol=8.9e-16)
        rows.append((I, *polish(R.fhn, p, x, x / p["epsilon"], I)))
    rows = np.array(rows)
    Js = np.array([jac_fhn(x, y) for _, x, y in rows])
    out.update(fhn_x_ext=rows[:, 0], fhn_x=rows[:, 1], fhn_y=rows[:, 2], fhn_J=Js,
               fhn_eig=np.linalg.eigvals(Js), fhn_type=np.array([classify(J) for J in Js]))
    of_x = lambda x: p["alpha"] * x**3 - p["beta"] * x**2 - p["gamma"] * x + x / p["epsilon"]
    tr = lambda x: np.trace(jac_fhn(x, 0))
    disc = lambda x: tr(x) ** 2 - 4 * np.linalg.det(jac_fhn(x, 0))
    hx = [brentq(tr, 0.1, 0.4, xtol=1e-16), brentq(tr, 0.5, 0.8, xtol=1e-16)]
    out["fhn_hopf"] = np.array([(of_x(x), x, x / p["epsilon"], np.sqrt(np.linalg.det(jac_fhn(x, 0))),
                                 lyapunov_coefficient(jac_fhn(x, 0), -6 * p["alpha"] * x + 2 * p["beta"], -6 * p["alpha"]))
                                for x in hx])
    xs = np.linspace(-0.1, 1.1, 24001)
    dv = np.array([disc(x) for x in xs])
    out["fhn_node_focus"] = np.array([(of_x(q), q) for q in
                                      (brentq(disc, xs[i], xs[i + 1], xtol=1e-16)
                                       for i in np.where(dv[:-1] * dv[1:] < 0)[0])])
    lc = np.array([(I, *fhn_limit_cycle(I)) for I in np.round(np.arange(0.73, 1.335, 0.01), 2)])
    out["fhn_limit_cycle"] = lc
    # Wilson-Cowan, both readings
    for tag, model, tut, grid in (("wc_tutorial", R.wc_tutorial, True, -2 + 0.01 * np.arange(400)),
                                  ("wc", R.wc, False, -2 + 0.01 * np.arange(800))):
        P = R.WC_TUTORIAL
        curve, lo, hi = wc_branch(P, tut)
        rows, s = equilibria_on_grid(model, P, curve, lo, hi, grid)
        Js = np.array([jac_wc(x, y, xe, P, tut) for xe, x, y in rows])
        out.update({f"{tag}_x_ext": rows[:, 0], f"{tag}_x": rows[:, 1], f"{tag}_y": rows[:, 2],
                    f"{tag}_J": Js, f"{tag}_eig": np.linalg.eigvals(Js).astype(complex),
                    f"{tag}_type": np.array([classify(J) for J in Js])})
        out[f"{tag}_fold"] = turning_points(curve, s)

        def trq(q):
            xe, x, y = curve(q)
            return np.trace(jac_wc(x, y, xe, P, tut))
        tv = np.array([trq(q) for q in s[::40]])
        hopf = []
        for i in np.where(tv[:-1] * tv[1:] < 0)[0]:
            q = brentq(trq, s[::40][i], s[::40][i + 1], xtol=1e-16)
            xe, x, y = curve(q)
            J = jac_wc(x, y, xe, P, tut)
            if np.linalg.det(J) > 0:
                hopf.append((xe, x, y, np.sqrt(np.linalg.det(J))))
        out[f"{tag}_hopf"] = np.array(hopf).reshape(-1, 4)
    save("bifurcation.npz", {}, **out)


# ------------------------------------------------------------------ (d) measures
def measures():
    d, C, D = hcp()
    rng = np.random.default_rng(7)
    N, L, n = 80, int(D.max()), 6000
    zx, zy = rng.standard_normal((n, N)), rng.standard_normal((n, N))
    t, x, y = R.simulate_network(R.fhn, R.FHN, C, D, rng.uniform(0, .05, N), rng.uniform(0, .05, N),
                                 rng.uniform(0, .05, (L, N)), n, inp=0.72,
                                 ou=dict(mean=0., sigma=.01, tau=5., zx=zx, zy=zy))
    fc = R.functional_connectivity(x)
    sc = np.array([R.matrix_correlation(fc, f) for f in d["FCs"]])
    xc = x.copy()
    xc[:, 3] = 0.25                                # a constant node: its row and column become 0
    w = rng.uniform(0, 1, x.shape[0])
    a, b = x[:, 0], x[:, 1]
    wm = lambda v: (v * w).sum() / w.sum()
    wc = lambda u, v: (w * (u - wm(u)) * (v - wm(v))).sum() / w.sum()
    W, S = 30, 5
    win = [np.corrcoef(x[s:s + W].T).ravel() for s in range(0, x.shape[0] - W, S)]
    mean = x.mean(1)
    chi2 = (np.mean(mean**2) - mean.mean() ** 2) / np.mean((x**2).mean(0) - x.mean(0) ** 2)
    save("measures.npz", {}, t=t, x=x, fc=fc, scores=sc, mean_score=np.array(sc.mean()),
         fc_const_node=R.functional_connectivity(xc), weights=w,
         weighted_corr_01=np.array(wc(a, b) / np.sqrt(wc(a, a) * wc(b, b))),
         voltage_fluctuation=np.array(chi2), fcd=np.corrcoef(np.array(win)), fcd_window=np.array(W), fcd_step=np.array(S))


def filters():
    """Zero-phase Butterworth filters by SciPy, and what least squares by numpy leaves of filtered signals."""
    from scipy.signal import butter, sosfiltfilt
    rng = np.random.default_rng(11)
    rate, n = 0.5, 150
    x = rng.standard_normal((n, 4)).cumsum(0) + 5 * rng.uniform(-1, 1, 4)
    nuisance = rng.standard_normal((n, 3)).cumsum(0)
    x += nuisance @ rng.uniform(-1, 1, (3, 4))
    bands = [(low, high, order) for low, high in [(0.01, 0.1), (0.001, 0.24), (0, 0.1), (0.02, np.inf)] for order in range(1, 6)]

    def filtered(a, low, high, order):
        kind = "lowpass" if low == 0 else "highpass" if high == np.inf else "bandpass"
        edges = high if low == 0 else low if high == np.inf else [low, high]
        return sosfiltfilt(butter(order, edges, kind, fs=rate, output="sos"), a, axis=0)

    def cleaned(a, b):
        design = np.column_stack([np.ones(n), b])
        return a - design @ np.linalg.lstsq(design, a, rcond=None)[0]

    f, g = filtered(x, 0.01, 0.1, 2), filtered(nuisance, 0.01, 0.1, 2)
    save("filter.npz", {}, x=x, rate_hz=np.array(rate), bands=np.array(bands),
         filtered=np.array([filtered(x, *band) for band in bands]), nuisance=nuisance,
         cleaned=cleaned(x, nuisance), cleaned_of_global=cleaned(x, x.mean(1)),
         filtered_and_cleaned=cleaned(f, np.column_stack([g, f.mean(1)])))


def analyses():
    """What is made of samples, by numpy and SciPy: spectra, bands, phases, partial correlations, shapes."""
    from scipy.signal import butter, hilbert, sosfiltfilt, welch
    from scipy.stats import skew
    rng = np.random.default_rng(23)
    step_s, n, nodes = 0.72, 500, 6
    rate = 1 / step_s
    common, own = rng.standard_normal(n), rng.standard_normal((n, nodes))
    x = np.zeros((n, nodes))
    for t in range(1, n):                            # slow signals that share a part
        x[t] = 0.8 * x[t - 1] + own[t] * (1 + 0.2 * np.arange(nodes)) + 0.6 * common[t]
    x = x + 0.05 * x**2 + 3
    low, high, order = 0.02, 0.15, 2
    lower = np.tril_indices(nodes, -1)
    fc = np.corrcoef(x.T)
    measured = np.array([np.corrcoef(rng.standard_normal((nodes, 40)) + rng.standard_normal(40)) for _ in range(3)])
    pairs = lambda m: m[lower]
    against = lambda m: np.array([np.corrcoef(pairs(m), pairs(one))[0, 1] for one in measured])
    f, p = welch(x, rate, nperseg=128, axis=0)
    f30, p30 = welch(x, rate, nperseg=75, axis=0)     # an odd number
    within = (f >= low) & (f < high)
    bands = [(0.01, 0.027), (0.027, 0.073), (0.073, 0.198), (0.198, 0.25)]
    powers = np.array([[p[(f >= a) & (f < b), k].sum() * f[1] for a, b in bands] for k in range(nodes)])
    slopes = np.polyfit(np.log(f[within]), np.log(p[within]), 1)[0]
    filtered = sosfiltfilt(butter(order, [low, high], "bandpass", fs=rate, output="sos"), x, axis=0)
    z = hilbert(filtered - filtered.mean(0), axis=0)
    envelope_fc, band_fc = np.corrcoef(np.abs(z).T), np.corrcoef(filtered.T)
    kuramoto = np.abs(np.exp(1j * np.angle(z)).mean(1))
    u = (x - x.mean(0)) / x.std(0)
    s = u.T @ u / n
    error = np.mean([np.sum((np.outer(a, a) - s) ** 2) for a in u]) / n
    shrinkage = min(1, error / np.sum((s - np.eye(nodes)) ** 2))
    precision = np.linalg.inv((1 - shrinkage) * s + shrinkage * np.eye(nodes))
    partial = -precision / np.sqrt(np.outer(np.diag(precision), np.diag(precision)))
    np.fill_diagonal(partial, 1)
    times = []
    for a in (x - x.mean(0)).T:
        r = np.correlate(a, a, "full")[n - 1:] / np.sum(a * a)
        k = int(np.argmax(r <= np.exp(-1)))
        times.append(np.interp(np.exp(-1), [r[k], r[k - 1]], [k, k - 1]) * step_s * 1e3)
    save("analyses.npz", {}, x=x, measured=measured, step_ms=np.array(step_s * 1e3), band=np.array([low, high, order]),
         fc_rmse=np.array([np.sqrt(np.mean((pairs(fc) - pairs(one)) ** 2)) for one in measured]),
         fc_mean_difference=np.array([pairs(fc).mean() - pairs(one).mean() for one in measured]),
         fc_sd_difference=np.array([pairs(fc).std() - pairs(one).std() for one in measured]),
         global_connectivity=(fc.sum(1) - 1) / (nodes - 1),
         frequency=f, spectrum=p.T, odd_frequency=f30, odd_spectrum=p30.T, mean_spectrum=p.mean(1),
         peak_frequency=f[within][p[within].argmax(0)], spectral_slope=slopes, band_power=powers,
         band_fc=band_fc, band_score=against(band_fc), envelope_fc=envelope_fc, envelope_score=against(envelope_fc),
         kuramoto_order=np.array(kuramoto.mean()), metastability=np.array(kuramoto.std()),
         partial_fc=partial, partial_shrinkage=np.array(shrinkage), autocorrelation_time=np.array(times), skewness=skew(x))


# ------------------------------------------------------------------ (e) scores over seeds
def ensemble(seeds):
    """The tutorial's run (6000 ms, sigma 0.01, FC over every step) for one seed after another."""
    d, C, D = hcp()
    N, L, n = 80, int(D.max()), 60000
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        ou = dict(mean=0., sigma=.01, tau=5., zx=rng.standard_normal((n, N)), zy=rng.standard_normal((n, N)))
        _, x, _ = R.simulate_network(R.fhn, R.FHN, C, D, rng.uniform(0, .05, N), rng.uniform(0, .05, N),
                                     rng.uniform(0, .05, (L, N)), n, inp=0.72, ou=ou, record_every=1)
        fc = R.functional_connectivity(x)
        scores = [R.matrix_correlation(fc, f) for f in d["FCs"]]
        print(seed, f"mean {np.mean(scores):.3f}", " ".join(f"{s:.3f}" for s in scores), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--ensemble", type=int, metavar="SEEDS", help="print the scores of that many seeds instead")
    seeds = parser.parse_args().ensemble
    if seeds:
        ensemble(seeds)
    else:
        single_nodes()
        networks()
        bifurcations()
        measures()
        filters()
        analyses()
