//! Networks with delays: characteristic roots, Hopf points, orbits.

use brainsweep::continuation::delay::characteristic::Characteristic;
use brainsweep::continuation::network::Network;
use brainsweep::io::study;

#[test]
fn scratch() {
    let study = study::load(None, &["noise.kind=none"]).unwrap();
    let network = Network::new(&study, "input.x").unwrap();
    for p in [0.72, 0.5, 0.9, 1.0] {
        let t = std::time::Instant::now();
        let eq = network.equilibrium(&network.start(&study), p).unwrap();
        println!("eq {:?} res {:.1e} u0 {:?}", t.elapsed(), eq.residual, &eq.u[..4]);
        let t = std::time::Instant::now();
        let c = Characteristic::new(&network, &eq.u, p);
        println!("bound {} dmax {} delays {:?}", c.root_bound(0.0), c.longest_delay(), t.elapsed());
        let t = std::time::Instant::now();
        match c.rightmost(12) {
            Ok(s) => {
                println!("{:?} n_unstable {} {:?}", t.elapsed(), s.n_unstable, s.certificate);
                for r in &s.roots { println!("   {:.16} {:+.16}i  res {:.1e} it {}", r.lambda.re, r.lambda.im, r.residual, r.iterations); }
            }
            Err(e) => println!("{:?} {e}", t.elapsed()),
        }
    }
}
