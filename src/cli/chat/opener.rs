//! Opening a link in the browser of whoever sits there.

use std::process::{Command, Stdio};

use crate::catalog::Link;
use crate::config::surroundings;

/// Hands a link to the platform's opener. `false` where there is none, or where its window would open on another machine.
pub fn open(link: &Link) -> bool {
    let set = |name| surroundings(name).is_some_and(|value| !value.is_empty());
    let remote = set("SSH_CONNECTION") || set("SSH_TTY");
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        // Not `start`: a shell would read the link first.
        let mut command = Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        command
    } else if set("DISPLAY") || set("WAYLAND_DISPLAY") || set("WSL_DISTRO_NAME") {
        Command::new("xdg-open")
    } else {
        return false;
    };
    if remote {
        return false;
    }
    match command.arg(link.as_str()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn() {
        Ok(mut child) => {
            // Waited for, so that nothing is left behind of it.
            std::thread::spawn(move || _ = child.wait());
            true
        }
        Err(error) => {
            tracing::debug!(%error, "no opener");
            false
        }
    }
}
