//! A tenant within the test's own process, and a transport that takes the SDK's requests to it without a port.

use bytes::Bytes;
use http::{Request, Response};
use org42::{Client, ClientBuilder, LocalAccount, ResponseBody, Transport, TransportError};
use org42_authority::{
    Authority, AuthorityService, DEFAULT_ADMIN, Options, PasswordCost, START_PASSWORD, Sample,
};

/// Carries the requests of a client to an authority of the same process.
#[derive(Clone, Debug)]
pub struct InProcess(pub AuthorityService);

impl Transport for InProcess {
    async fn send(
        &self,
        request: Request<Bytes>,
    ) -> Result<Response<ResponseBody>, TransportError> {
        let answer = self.0.answer(request).await;
        answer
            .map(|answer| answer.map(ResponseBody::new))
            .map_err(TransportError::fate_unknown)
    }
}

/// A tenant in memory that an authority in the same process serves, and whose administrator has a password.
#[derive(Clone, Debug)]
pub struct Tenant {
    authority: Authority,
    service: AuthorityService,
}

impl Tenant {
    /// Creates a tenant with a sample in it.
    #[must_use]
    pub fn new(sample: Sample) -> Self {
        let options = Options {
            password_cost: PasswordCost::Cheap,
            ..Options::default()
        };
        let authority = Authority::in_memory(sample, DEFAULT_ADMIN, options).unwrap();
        let set = authority.set_admin_password(DEFAULT_ADMIN, START_PASSWORD);
        set.unwrap();
        let service = authority.service();
        Self { authority, service }
    }

    /// Returns the authority that serves this tenant.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Returns a transport to the authority that opens no port.
    #[must_use]
    pub fn transport(&self) -> InProcess {
        InProcess(self.service.clone())
    }

    /// Begins to describe a client for this tenant, without credentials.
    pub fn builder(&self) -> ClientBuilder {
        Client::builder("http://localhost").transport(self.transport())
    }

    /// Returns the administrator's account.
    pub fn admin(&self) -> LocalAccount {
        LocalAccount::new(DEFAULT_ADMIN, START_PASSWORD)
    }

    /// Returns a client that signs in as the administrator.
    #[must_use]
    pub fn client(&self) -> Client {
        self.builder().local_account(self.admin()).build().unwrap()
    }
}
