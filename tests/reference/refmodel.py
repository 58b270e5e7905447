"""Plain numpy statement (float64) of what brainsweep computes; the golden arrays of this folder come from it.

Equations, the diagonal exponential Euler step, the delay line and the order of
operations of one network step.  Nothing here is tuned for speed, and nothing is
shared with the Rust code, so that the two can disagree.  Used by make_golden.py.

Conventions
  N       number of nodes, state arrays have shape (N,)
  x_n,y_n state after n steps (x_0 = initial condition), t = n*dt, dt in ms
  C[j,i]  coupling weight from source j to target i
  D[i,j]  delay in steps with which target i reads source j
C is the transpose of brainsweep's weights[[target, source]], D is not transposed.
"""
import numpy as np

# ----------------------------------------------------------------- models
# every model: rhs(x, y, ix, iy, p) -> (fx, fy, Lx, Ly)
# fx,fy are the time derivatives, Lx = d fx/d x and Ly = d fy/d y (diagonal only)


def fhn(x, y, ix, iy, p):
    a, b, g, d, e, tau = (p[k] for k in ("alpha", "beta", "gamma", "delta", "epsilon", "tau"))
    fx = -a * x**3 + b * x**2 + g * x - y + ix
    fy = (x - d - e * y) / tau + iy
    return fx, fy, -3 * a * x**2 + 2 * b * x + g, np.zeros_like(y) - e / tau


FHN = dict(alpha=3.0, beta=4.0, gamma=-1.5, delta=0.0, epsilon=0.5, tau=20.0)


def _sig(u, a, th):
    s = 1.0 / (1.0 + np.exp(-a * (u - th)))
    return s - 1.0 / (1.0 + np.exp(a * th)), a * s * (1.0 - s)


def wc_tutorial(x, y, ix, iy, p):
    """Wilson-Cowan exactly as the tutorial's package version evaluates it: in the
    x equation (only) the leak and the refractory factor act on the summed input u
    instead of on x.  The y equation is the usual one."""
    r = p["r"]
    u = p["wEE"] * x - p["wIE"] * y + ix
    v = p["wEI"] * x - p["wII"] * y + iy
    Fu, dFu = _sig(u, p["E_a"], p["E_theta"])
    Fv, dFv = _sig(v, p["I_a"], p["I_theta"])
    fx = (-u + (1 - r * u) * Fu) / p["E_tau"]
    fy = (-y + (1 - r * y) * Fv) / p["I_tau"]
    Lx = p["wEE"] * (-1 - r * Fu + (1 - r * u) * dFu) / p["E_tau"]
    Ly = (-1 - r * Fv - (1 - r * y) * dFv * p["wII"]) / p["I_tau"]
    return fx, fy, Lx, Ly


def wc(x, y, ix, iy, p):
    """Wilson-Cowan in its usual form (later package versions)."""
    r = p["r"]
    u = p["wEE"] * x - p["wIE"] * y + ix
    v = p["wEI"] * x - p["wII"] * y + iy
    Fu, dFu = _sig(u, p["E_a"], p["E_theta"])
    Fv, dFv = _sig(v, p["I_a"], p["I_theta"])
    fx = (-x + (1 - r * x) * Fu) / p["E_tau"]
    fy = (-y + (1 - r * y) * Fv) / p["I_tau"]
    Lx = (-1 - r * Fu + (1 - r * x) * dFu * p["wEE"]) / p["E_tau"]
    Ly = (-1 - r * Fv - (1 - r * y) * dFv * p["wII"]) / p["I_tau"]
    return fx, fy, Lx, Ly


WC = dict(E_tau=1.0, E_a=1.2, E_theta=2.8, I_tau=1.0, I_a=1.0, I_theta=4.0,
          wEE=12.0, wIE=4.0, wEI=13.0, wII=11.0, r=1.0)
WC_TUTORIAL = dict(WC, wEE=16.0, wIE=15.0, wEI=12.0, wII=3.0, E_a=1.5, I_a=1.5, E_theta=3.0, I_theta=3.0)


def qif(x, y, ix, iy, p):
    """x = mean membrane potential, y = firing rate."""
    tau = p["tau"]
    fx = (x**2 + p["eta"] + ix + p["J"] * y * tau - (np.pi * y * tau) ** 2) / tau
    fy = (p["delta"] / (np.pi * tau) + 2 * x * y + iy) / tau
    return fx, fy, 2 * x / tau, 2 * x / tau


QIF = dict(tau=1.0, eta=-5.0, delta=1.0, J=15.0)


def sl(x, y, ix, iy, p):
    a, w = p["a"], p["w"]
    q = a - x * x - y * y
    return q * x - w * y + ix, q * y + w * x + iy, q - 2 * x * x, q - 2 * y * y


def sl_tutorial(x, y, ix, iy, p):
    """Stuart-Landau as evaluated by the tutorial's package version (fy has -w*y, not +w*x)."""
    a, w = p["a"], p["w"]
    q = a - x * x - y * y
    return q * x - w * y + ix, q * y - w * y + iy, q - 2 * x * x, q - 2 * y * y - w


SL = dict(a=0.25, w=0.2)


MODELS = dict(fhn=(fhn, FHN), wc_tutorial=(wc_tutorial, WC), wc=(wc, WC), qif=(qif, QIF),
              sl=(sl, SL), sl_tutorial=(sl_tutorial, SL))


def feedback_fhn(x, y, ix, iy, p, xd):
    """FitzHugh-Nagumo with delayed self feedback; xd = x(t - delay), held over the step."""
    fx = x - x**3 / 3 - y + ix + p["mu"] * (xd - p["v0"])
    fy = (x + p["a"] - p["b"] * y + iy) / p["tau"]
    return fx, fy, 1 - x * x, np.zeros_like(y) - p["b"] / p["tau"]


FEEDBACK_FHN = dict(a=0.7, b=0.8, delay=10.0, tau=12.5, mu=1.6886, v0=-1.0)


def threshold_linear_step(e, i, Ie, Ii, p, dt):
    """explicit Euler + rectification; note the default time constants are tiny against dt = 0.1."""
    e1 = np.maximum(e + dt * (-e + p["beta_e"] * np.maximum(Ie, 0)) / p["tau_e"], 0)
    i1 = np.maximum(i + dt * (-i + p["beta_i"] * np.maximum(Ii, 0)) / p["tau_i"], 0)
    return e1, i1


THRESHOLD_LINEAR = dict(tau_e=2e-2, tau_i=1e-2, beta_e=0.066, beta_i=0.351)


# ------------------------------------------------------------- integrators
def exp_step(v, f, L, dt):
    """v + dt*phi(dt*L)*f,  phi(z) = (e^z - 1)/z, phi(0) = 1."""
    z = dt * L
    phi = np.where(z == 0.0, 1.0, np.expm1(z) / np.where(z == 0.0, 1.0, z))
    return v + dt * phi * f


def step(model, x, y, ix, iy, p, dt, method="exp_auto"):
    def f(x, y):
        return model(x, y, ix, iy, p)[:2]
    if method == "exp_auto":
        fx, fy, Lx, Ly = model(x, y, ix, iy, p)          # both from the OLD (x, y)
        return exp_step(x, fx, Lx, dt), exp_step(y, fy, Ly, dt)
    if method == "euler":
        a, b = f(x, y)
        return x + dt * a, y + dt * b
    if method == "rk4":
        a1, b1 = f(x, y)
        a2, b2 = f(x + dt / 2 * a1, y + dt / 2 * b1)
        a3, b3 = f(x + dt / 2 * a2, y + dt / 2 * b2)
        a4, b4 = f(x + dt * a3, y + dt * b3)
        return x + dt / 6 * (a1 + 2 * a2 + 2 * a3 + a4), y + dt / 6 * (b1 + 2 * b2 + 2 * b3 + b4)
    raise ValueError(method)


# ---------------------------------------------------------------- networks
def delay_steps(dmat_mm, speed_mm_per_ms, dt):
    """length / speed / dt, truncated towards zero."""
    return (dmat_mm / speed_mm_per_ms / dt).astype(np.int64)


class DelayLine:
    """push() appends the newest sample; read(d) returns the sample pushed d pushes before it.

    Before the first push the newest sample is x0 and below it lies `history`
    (rows oldest .. newest), history[-1] being one step older than x0."""

    def __init__(self, x0, history):
        self.buf = [np.array(h, float) for h in history] + [np.array(x0, float)]

    def push(self, x):
        self.buf.append(np.array(x, float))

    def gather(self, D):
        """G[i,j] = sample of source j that is D[i,j] pushes old."""
        m = int(D.max()) + 1
        win = np.stack(self.buf[-m:][::-1])               # win[d, j]
        return win[D, np.arange(D.shape[1])[None, :]]


def simulate_network(model, p, C, D, x0, y0, history, n_steps, dt=0.1, inp=0.0, y_inp=0.0,
                     coupling="diffusive", order="push_before", method="exp_auto", record_every=10,
                     ou=None, fb_hist=None):
    """One step n -> n+1:
        ix  = inp                                          (constant or per node)
        G   = delay line read, G[i,j] = sample of x_j
        ix += sum_j C[j,i]*(G[i,j] - x_n[i])               (diffusive)
        ix += sum_j C[j,i]*G[i,j]                          (additive)
        order 'push_before' (tutorial version): push x_n to the delay line, then integrate
        order 'push_after'  (later versions)  : integrate, then push x_{n+1}
      With push_before, delay d reads x_{n-1-d}; with push_after it reads x_{n-d}.
      D=None: no delay line, G[i,j] = x_n[j].
      ou: None or dict(mean, sigma, tau, zx, zy) with stored standard normals zx[n], zy[n]:
        Ornstein-Uhlenbeck X <- X + (mean - X)/tau*dt + sigma*sqrt(dt)*z, X_0 = mean, one per node
        and per variable; the x equation sees the value BEFORE the update of this step
        (added to ix), the y equation the value AFTER it (passed as iy).
      fb_hist: for feedback_fhn, the value of x before t=0 (scalar or per node)."""
    x = np.array(x0, float)
    y = np.array(y0, float)
    line = None if D is None else DelayLine(x, history)
    xs, ys, ts = [], [], []
    W = None if C is None else C.T.copy()                  # W[i,j] = weight j -> i
    if ou is not None:
        ox = np.zeros_like(x) + ou["mean"]
        oy = np.zeros_like(x) + ou["mean"]
    past = [x]
    for n in range(n_steps):
        ix = np.zeros_like(x) + inp
        if C is not None:
            G = np.broadcast_to(x[None, :], W.shape) if line is None else line.gather(D)
            if coupling == "diffusive":
                ix = ix + (W * (G - x[:, None])).sum(1)
            elif coupling == "additive":
                ix = ix + (W * G).sum(1)
            else:
                raise ValueError(coupling)
        if line is not None and order == "push_before":
            line.push(x)
        iy = np.zeros_like(y) + y_inp
        if ou is not None:
            ix = ix + ox
            k, q = dt / ou["tau"], ou["sigma"] * np.sqrt(dt)
            ox = ox + (ou["mean"] - ox) * k + q * ou["zx"][n]
            oy = oy + (ou["mean"] - oy) * k + q * ou["zy"][n]
            iy = iy + oy
        if model is feedback_fhn:
            m = n - int(round(p["delay"] / dt))
            xd = past[m] if m >= 0 else np.zeros_like(x) + fb_hist
            x, y = step(lambda *a: feedback_fhn(*a, xd), x, y, ix, iy, p, dt, method)
            past.append(x)
        else:
            x, y = step(model, x, y, ix, iy, p, dt, method)
        if line is not None and order == "push_after":
            line.push(x)
        if (n + 1) % record_every == 0:
            xs.append(x)
            ys.append(y)
            ts.append((n + 1) * dt)
    return np.array(ts), np.array(xs), np.array(ys)


def simulate_nodes(model, p, x0, y0, n_steps, dt=0.1, inp=0.0, y_inp=0.0, method="exp_auto", record_every=1):
    x = np.array(x0, float)
    y = np.array(y0, float)
    xs, ys, ts = [], [], []
    for n in range(n_steps):
        x, y = step(model, x, y, np.zeros_like(x) + inp, np.zeros_like(y) + y_inp, p, dt, method)
        if (n + 1) % record_every == 0:
            xs.append(x)
            ys.append(y)
            ts.append((n + 1) * dt)
    return np.array(ts), np.array(xs), np.array(ys)


# ---------------------------------------------------------------- measures
def functional_connectivity(x):
    """x: (time, node). Pearson correlation between columns, NaN -> 0."""
    with np.errstate(all="ignore"):
        return np.nan_to_num(np.corrcoef(x.T))


def matrix_correlation(a, b):
    """Pearson correlation of the strict upper triangles (diagonal excluded)."""
    i = np.triu_indices_from(a, k=1)
    return np.corrcoef(a[i], b[i])[0, 1]
